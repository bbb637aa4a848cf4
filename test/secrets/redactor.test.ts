import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { quote } from '../../engine/model/command.ts'
import { Secret } from '../../engine/model/secret.ts'
import { Redactor } from '../../engine/secrets/redactor.ts'

const redactorOf = (...secrets: readonly string[]): Redactor => {
  const redactor = new Redactor()
  for (const secret of secrets) redactor.add(secret)
  return redactor
}
const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** Secrets as people make them: no `*`, because the mask is made of it, and no white space at the ends. */
const secret = fc.string({ unit: 'grapheme', minLength: 4, maxLength: 40 }).filter(text => text.trim() === text && text.length >= 4 && !text.includes('*') && text.isWellFormed())
/** Text around a secret that cannot itself continue or begin one. */
const around = fc.string({ unit: fc.constantFrom('~', '|', ' ', '\n') })

describe('redaction', () => {
  const nasty = `p@ss'w"o\\rd $HOME \`id\` <&> 100%/+`

  test.each<[string, (text: string) => string]>([
    ['as it is', text => text],
    ['base64', base64],
    ['base64 without padding', text => base64(text).replace(/=+$/, '')],
    ['base64 for URLs', text => Buffer.from(text).toString('base64url')],
    ['hex', text => Buffer.from(text).toString('hex')],
    ['hex in capitals', text => Buffer.from(text).toString('hex').toUpperCase()],
    ['URL-encoded', encodeURIComponent],
    ['form-encoded', text => new URLSearchParams({ p: text }).toString().slice(2)],
    ['JSON', text => JSON.stringify(text).slice(1, -1)],
    ['JSON in JSON', text => JSON.stringify(JSON.stringify(text).slice(1, -1)).slice(1, -1)],
    ['quoted for a shell', text => quote(text).slice(1, -1)],
    ["quoted by Python's shlex", text => text.replaceAll("'", `'"'"'`)],
    ['escaped in double quotes of a shell', text => text.replaceAll(/["$`\\]/g, '\\$&')],
    ['escaped by XML', text => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;')],
    ['quoted by YAML', text => text.replaceAll("'", "''")],
    ['printed by bash as %q', text => execFileSync('bash', ['-c', 'printf %q "$1"', '-', text], { encoding: 'utf8' })],
  ])('finds a secret %s', (_, encode) => {
    expect(redactorOf(nasty).redact(`before ${encode(nasty)} after`)).toBe('before *** after')
  })

  test('finds a secret inside a longer base64 text, at each alignment', () => {
    const redactor = redactorOf('a long enough secret')
    for (const prefix of ['', 'a', 'ab', 'abc']) {
      const shown = redactor.redact(base64(`${prefix}a long enough secret and more`))
      expect(Buffer.from(shown.replace('***', ''), 'base64').toString()).not.toContain('ong enough secre')
      expect(shown).toContain('***')
    }
  })

  test('finds the lines of a secret one by one, without the frame of a PEM file', () => {
    const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\nBG5vbmUAAAAEbm9uZQAAAAAA\nshort\n-----END OPENSSH PRIVATE KEY-----\n'
    const redactor = redactorOf(key)
    expect(redactor.redact(key)).toBe('***')
    expect(redactor.redact('  BG5vbmUAAAAEbm9uZQAAAAAA\r\n  b3BlbnNzaC1rZXktdjEAAAAA\r\n')).toBe('  ***\r\n  ***\r\n')
    expect(redactor.redact('-----BEGIN OPENSSH PRIVATE KEY-----\nanother\nshort')).toBe('-----BEGIN OPENSSH PRIVATE KEY-----\nanother\nshort')
  })

  test('finds what a line of a secret file assigns', () => {
    const redactor = redactorOf('user: someone-else\npassword: "hunter2hunter2"\nexport TOKEN=abcdefgh\n')
    expect(redactor.redact('{"password":"hunter2hunter2"}')).toBe('{"password":"***"}')
  })

  test('ignores texts of fewer than four characters, and masks from four on', () => {
    expect(redactorOf('abc', '', '     ', ' abc\n').redact('abc     abc\n')).toBe('abc     abc\n')
    expect(redactorOf('abcd').redact('abcd')).toBe('***')
  })

  test('covers secrets that overlap as a whole, and those that only touch one by one', () => {
    expect(redactorOf('abcdef', 'defghi').redact('x abcdefghi x')).toBe('x *** x')
    expect(redactorOf('abcd', 'abcdefgh').redact('abcdefgh')).toBe('***')
    expect(redactorOf('abcd').redact('abcdabcd')).toBe('******')
  })

  test('leaves no secret in any text, in any form', () => {
    const forms = fc.constantFrom<(text: string) => string>(text => text, base64, text => Buffer.from(text).toString('hex'), encodeURIComponent, text => JSON.stringify(text).slice(1, -1), text => quote(text).replaceAll(/^'|'$/g, ''))
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 5 }), fc.array(fc.tuple(around, fc.nat(), forms), { maxLength: 6 }), around, (secrets, parts, tail) => {
        const encoded = parts.map(([before, pick, form]) => ({ before, form: form(secrets[pick % secrets.length] ?? '') }))
        const shown = redactorOf(...secrets).redact(encoded.map(({ before, form }) => `${before}~${form}~`).join('') + tail)
        for (const { form } of encoded) expect(shown).not.toContain(`~${form}~`)
        for (const text of secrets) expect(shown).not.toContain(text)
      }),
      { numRuns: 1000 },
    )
  })

  test('leaves text without secrets as it is', () => {
    fc.assert(fc.property(fc.string(), text => redactorOf('a secret that is not there').redact(text) === text))
  })
})

describe('redaction of a stream', () => {
  test('finds a secret that is split between chunks, and writes what cannot be one at once', () => {
    const stream = redactorOf('hunter2').stream()
    expect(['the pass', 'word is hun', 'te', 'r', '2, ok? hunt', 'ing'].map(chunk => stream.write(chunk))).toEqual(['the pass', 'word is ', '', '', '***, ok? ', 'hunting'])
    expect(stream.end()).toBe('')
  })

  test('gives at the end what looked like a beginning', () => {
    const stream = redactorOf('hunter2').stream()
    expect([stream.write('a hunter'), stream.end()]).toEqual(['a ', 'hunter'])
  })

  test('gives what redacting the whole gives, however it is cut', () => {
    const alphabet = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), minLength: 4, maxLength: 7 })
    fc.assert(
      fc.property(fc.array(alphabet, { minLength: 1, maxLength: 4 }), fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd', ' '), maxLength: 12 })), (secrets, chunks) => {
        const redactor = redactorOf(...secrets)
        const stream = redactor.stream()
        const streamed = chunks.map(chunk => stream.write(chunk)).join('') + stream.end()
        expect(streamed).toBe(redactor.redact(chunks.join('')))
      }),
      { numRuns: 3000 },
    )
  })
})

describe('redaction of values', () => {
  const redactor = redactorOf('hunter2')

  test('masks every text, names included, and copies only what changes', () => {
    const untouched = { a: [1, true, null, undefined, 'text'] }
    const event = { type: 'x', deep: [{ 'is hunter2': 'hunter2!' }, untouched], map: new Map([['hunter2', 'hunter2']]), set: new Set(['hunter2']) }
    const shown = redactor.redactValue(event)
    expect(shown).toEqual({ type: 'x', deep: [{ 'is ***': '***!' }, untouched], map: new Map([['***', '***']]), set: new Set(['***']) })
    expect(shown.deep[1]).toBe(untouched)
    expect(redactor.redactValue(untouched)).toBe(untouched)
  })

  test('leaves Secrets, bytes and dates, and ends where a value holds itself', () => {
    const kept = { secret: new Secret('hunter2'), bytes: new Uint8Array(3), at: new Date(0) }
    expect(redactor.redactValue(kept)).toBe(kept)
    const circle: { self?: unknown; text: string } = { text: 'hunter2' }
    circle.self = circle
    expect(redactor.redactValue(circle).text).toBe('***')
  })
})

test('ten thousand secrets and a megabyte of text take less than two seconds of a processor', () => {
  const redactor = new Redactor()
  const started = process.cpuUsage()
  for (let index = 0; index < 10_000; index += 1) redactor.add(createHash('sha256').update(String(index)).digest('base64url'))
  const shown = redactor.redact(`The quick brown fox jumps over ${createHash('sha256').update('77').digest('base64url')} `.repeat(16_000))
  expect(shown).toBe('The quick brown fox jumps over *** '.repeat(16_000))
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(2000)
})
