import type { SectionResult } from '../model/session.ts'

/** A stream longer than this (bytes) is cut by the host. */
export const OUTPUT_LIMIT = 16 * 1024 * 1024

/** `change`: in a process group of its own, may end within its deadline. `killable`: the same, ended when the controller is gone. `query`: in the loop itself, killable. */
export type FrameMode = 'change' | 'killable' | 'query'
const MODES = { change: 0, killable: 1, query: 2 } as const

/** The first line of a frame; the blobs' bytes and `trailer` follow it. */
export function header(frame: { id: number; deadline: number; mode: FrameMode; sections: number; blobs: readonly { name: string; size: number }[] }): string {
  const { id, deadline, mode, sections, blobs } = frame
  return `F ${id} ${Math.max(1, Math.ceil(deadline / 1000))} ${MODES[mode]} ${sections} ${blobs.map(({ name, size }) => `${name}:${size}`).join(' ')}\n`
}

/** The last line of a frame: the host runs nothing that came without it. */
export function trailer(id: number): string {
  return `E ${id}\n`
}

/** What a host's loop can do and who it runs as. */
export interface Capabilities {
  readonly uid: number
  /** How it reads an exact number of bytes: GNU `head -c`, `dd iflag=fullblock`, or `dd bs=1`. */
  readonly reader: 'head' | 'dd' | 'bytes'
  readonly setsid: boolean
  /** Its private folder, 0700. */
  readonly folder: string
  readonly user: string
}

/** How a frame came to its end: by itself, or ended by the host for its deadline, too much output, our request, or our silence. */
export type Ended = (typeof ENDS)[number]
const ENDS = ['ok', 'deadline', 'output', 'killed', 'gone'] as const

/** One thing the host's loop said. */
export type Reply =
  | { readonly type: 'ready'; readonly capabilities: Capabilities }
  /** The loop cannot go on; the reason is the host's own words. */
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'results'; readonly id: number; readonly ended: Ended; readonly results: readonly SectionResult[] }
  /** Something wrote to a section's output while it was sent; it has to be asked for again, file by file. */
  | { readonly type: 'torn'; readonly id: number }

/** The `ready` line's fields after the nonce. */
export function parseReady(words: readonly string[]): Capabilities | undefined {
  const [uid, reader, setsid, , folder, ...user] = words
  if (!uid || !/^\d+$/.test(uid) || !folder?.startsWith('/')) return undefined
  if (reader !== 'head' && reader !== 'dd' && reader !== 'bytes') return undefined
  return { uid: Number(uid), reader, setsid: setsid === 'setsid', folder, user: user.join(' ') }
}

/** Header of a reply: `R` (one block, sizes first) or `S` (file by file). */
export interface ReplyHeader {
  readonly form: 'R' | 'S'
  readonly id: number
  readonly ended: Ended
  /** One per section of the frame. */
  readonly states: readonly SectionState[]
  /** Whether the frame's own stderr follows the sections'. */
  readonly extra: boolean
}
/** `none`: never ran. `cut`: ended by the deadline or a kill. */
export interface SectionState {
  readonly status: number | 'none' | 'cut'
  readonly stdout: boolean
  readonly stderr: boolean
}

/** @returns undefined where the line is no reply header */
export function parseHeader(words: readonly string[]): ReplyHeader | undefined {
  const [form, id, end, count, ...marks] = words
  const ended = ENDS.find(known => known === end)
  if ((form !== 'R' && form !== 'S') || ended === undefined) return undefined
  const extra = marks.at(-1) === 'x'
  const states = (extra ? marks.slice(0, -1) : marks).map(parseState)
  if (states.length !== Number(count) || !states.every(state => state !== undefined)) return undefined
  return { form, id: Number(id), ended, states, extra }
}

function parseState(mark: string): SectionState | undefined {
  const match = /^(-|\?|\d+)(o?)(e?)$/.exec(mark)
  if (!match) return undefined
  const [, status = '', stdout, stderr] = match
  return { status: status === '-' ? 'none' : status === '?' ? 'cut' : Number(status), stdout: stdout === 'o', stderr: stderr === 'e' }
}

/** How many streams of a reply have bytes. */
export function streamCount({ states, extra }: ReplyHeader): number {
  return states.reduce((count, { stdout, stderr }) => count + (stdout ? 1 : 0) + (stderr ? 1 : 0), extra ? 1 : 0)
}

/** One stream as it came: its true size and at most `OUTPUT_LIMIT` of its bytes. */
export interface Stream {
  readonly size: number
  readonly bytes: Buffer
}

/** The status of a program ended by SIGKILL. */
const KILLED = 137

/** Puts streams (in the order of the header's marks) back to the sections they belong to. */
export function assemble(head: ReplyHeader, streams: readonly Stream[]): SectionResult[] {
  let next = 0
  const take = (present: boolean): Stream => (present ? streams[next++] : undefined) ?? { size: 0, bytes: Buffer.alloc(0) }
  const results = head.states.map(({ status, stdout, stderr }) => {
    const out = take(stdout)
    const err = take(stderr)
    const flood = status === 'cut' && head.ended === 'output'
    const notes = [
      ...(out.size > out.bytes.length ? [`ts-play: stdout was cut to ${out.bytes.length} of ${out.size} bytes`] : []),
      ...(flood ? ['ts-play: ended for writing more than 256 MiB'] : []),
    ]
    const words = err.bytes.toString('utf8')
    return {
      status: flood ? KILLED : typeof status === 'number' ? status : undefined,
      stdout: out.bytes.toString('utf8'),
      stderr: [...(words === '' ? [] : [words]), ...notes].join('\n'),
    }
  })
  // What the frame's own shell had to say (a fork that failed, a signal) helps only where a section's shell was killed.
  const extra = take(head.extra).bytes.toString('utf8')
  return extra === '' ? results : results.map(result => ((result.status ?? 0) > 128 && result.stderr === '' ? { ...result, stderr: extra } : result))
}
