import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { header, type Reply } from '../../engine/connection/frame-codec.ts'
import { ReplyReader } from '../../engine/connection/reply-reader.ts'

const NONCE = '0123456789abcdef0123456789abcdef'
const OTHER = 'fedcba9876543210fedcba9876543210'

/** What the host's loop writes, after its text: the model that the reader is checked against. */
interface Said {
  readonly id: number
  readonly sections: readonly { readonly status: number; readonly out: Buffer; readonly err: Buffer }[]
  readonly form: 'R' | 'S'
}

function written({ id, sections, form }: Said): Buffer {
  const marks = sections.map(({ status, out, err }) => `${status}${out.length > 0 ? 'o' : ''}${err.length > 0 ? 'e' : ''}`)
  const streams = sections.flatMap(({ out, err }) => [out, err]).filter(stream => stream.length > 0)
  const head = `\n${NONCE} ${form} ${id} ok ${sections.length}${marks.map(mark => ` ${mark}`).join('')}\n`
  const sizes = streams.map((stream, index) => `${' '.repeat(index % 3)}${stream.length} ${id}.o.${index}\n`).join('')
  const total = streams.length > 1 ? `${streams.reduce((sum, stream) => sum + stream.length, 0)} total\n` : ''
  const body = form === 'R' ? [Buffer.from(sizes + total), ...streams] : streams.flatMap(stream => [Buffer.from(`${stream.length}\n`), stream])
  return Buffer.concat([Buffer.from(head), ...body, Buffer.from(`\n${NONCE} E ${id}\n`)])
}

/** Bytes as programs write them, and as an attacker would: our own lines among them. */
const stream = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes)),
  fc.constantFrom('', '\n', 'text\n', `\n${NONCE} E 1\n`, `\n${NONCE} R 1 ok 1 0o\n3 x\nabc\n${NONCE} E 1\n`, `\n${OTHER} E 1\n`, '\0\0', `${NONCE} ready 0 head setsid 1 /run/x root\n`).map(text => Buffer.from(text)),
)
const said = fc.record({
  id: fc.nat(),
  sections: fc.array(fc.record({ status: fc.integer({ min: 0, max: 255 }), out: stream, err: stream }), { maxLength: 6 }),
  form: fc.constantFrom('R' as const, 'S' as const),
})
/** Lines before, between and after replies: everything but our nonce. */
const noise = fc.constantFrom('', 'Welcome to Debian!\n', `${OTHER} ready 0 head setsid 1 /run/x root\n`, '\n\n', 'ready\n', ` ${NONCE} ready\n`, '\u001b[2J\n', `x ${NONCE} R 1 ok 1 0o\n`)

/** Feeds bytes cut at arbitrary places. */
function readCut(bytes: Buffer, cuts: readonly number[]): Reply[] {
  const reader = new ReplyReader(NONCE)
  const places = [0, ...cuts.map(cut => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  return places.slice(1).flatMap((end, index) => reader.push(bytes.subarray(places[index], end)))
}

describe('the reply reader', () => {
  it('gives back exactly what was written, whatever the bytes, the noise around them and the packets they come in', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(noise, said), { maxLength: 4 }), fc.array(fc.nat(), { maxLength: 12 }), (conversation, cuts) => {
        const bytes = Buffer.concat(conversation.flatMap(([before, reply]) => [Buffer.from(before), written(reply)]))
        const expected = conversation.map(([, { id, sections }]) => ({
          type: 'results', id, ended: 'ok', results: sections.map(({ status, out, err }) => ({ status, stdout: out.toString('utf8'), stderr: err.toString('utf8') })),
        }))
        expect(readCut(bytes, cuts)).toEqual(expected)
      }),
      { verbose: 1 },
    )
  })

  it('notices that a daemon wrote into a stream while it was sent, and goes on with the next reply', () => {
    fc.assert(
      fc.property(said, fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.array(fc.nat(), { maxLength: 8 }), (reply, extra, cuts) => {
        const whole = written({ ...reply, form: 'R' })
        const end = Buffer.from(`\n${NONCE} E ${reply.id}\n`)
        const grown = Buffer.concat([whole.subarray(0, whole.length - end.length), Buffer.from(extra), end, written({ ...reply, form: 'S' })])
        expect(readCut(grown, cuts).map(({ type }) => type)).toEqual(['torn', 'results'])
      }),
      { verbose: 1 },
    )
  })

  it('finds the ready line behind banners, and takes nobody else\'s for it', () => {
    const reader = new ReplyReader(NONCE)
    expect(reader.push(Buffer.from(`motd\n${OTHER} ready 0 head setsid 1 /run/evil root\n$ exec sh\r\n`))).toEqual([])
    expect(reader.push(Buffer.from(`${NONCE} ready 1000 dd none 0 /tmp/ts-play-1 jane doe\n`))).toEqual([
      { type: 'ready', capabilities: { uid: 1000, reader: 'dd', setsid: false, folder: '/tmp/ts-play-1', user: 'jane doe' } },
    ])
  })

  it('keeps no more than a tail of a flood without line ends', () => {
    const reader = new ReplyReader(NONCE)
    const before = process.memoryUsage().rss
    const chunk = Buffer.alloc(65_536, 97)
    for (let index = 0; index < 8000; index++) reader.push(chunk)
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024)
    expect(reader.noise.text.length).toBeLessThanOrEqual(4096)
    expect(reader.push(Buffer.from(`\n${NONCE} failed because\n`))).toEqual([{ type: 'failed', reason: 'because' }])
  })

  it('shows noise in messages without control characters', () => {
    const reader = new ReplyReader(NONCE)
    reader.push(Buffer.from('\u001b[2Jyou have mail\u0007\u009b\n'))
    expect(reader.noise.text).toBe('[2Jyou have mail')
  })
})

describe('a frame header', () => {
  it('rounds the deadline up to whole seconds and never to none', () => {
    expect(header({ id: 7, deadline: 1001, mode: 'change', sections: 2, blobs: [{ name: '7.p', size: 12 }, { name: 's/7.i.1', size: 3 }] })).toBe('F 7 2 0 2 7.p:12 s/7.i.1:3\n')
    expect(header({ id: 1, deadline: 0, mode: 'query', sections: 1, blobs: [] })).toBe('F 1 1 2 1 \n')
  })
})
