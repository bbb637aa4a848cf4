import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { quote } from '../model/command.ts'
import type { SourceFile, UploadReply } from '../model/session.ts'
import { Tail, type Channel } from './channel.ts'
import { messageOf } from './failure.ts'
import { writeWhole } from './write-frame.ts'

/** From this size on (bytes) a controller's file goes ahead of the frame that reads it, on a channel of its own. */
export const UPLOAD_SIZE = 8 * 1024 * 1024

/** Bytes read at a time: the more the less each costs, but the host has to take a piece as a whole before it counts as stuck. */
const PIECE = 256 * 1024
/** The same where the piece before it was taken in less than `FAST` milliseconds. */
const LARGEST = 1024 * 1024
const FAST = 1000

/** Milliseconds in which a host tells what it has of a file: it may have to read all of that. */
const LOOK = 120_000

export interface UploadOptions {
  readonly signal: AbortSignal
  /** Hears how many bytes of the file the host has, or is about to have. */
  readonly progress?: (bytes: number) => void
}

/** Where a file is on the host that was uploaded, for sh. Only its user can enter the folder, and no two contents have one name. */
export function uploadedFile(sha256: string): string {
  return `"$TSP_STATE/upload/${sha256}"`
}

/**
 * Sends a file over a channel with a shell that waits for a line. A part of it that an earlier connection left on the host is kept if it is the beginning
 * of this file, by its SHA-256; the whole is for the reader to check.
 *
 * Bounded memory, as fast as the host takes it and no faster. What is left by an end in the middle is gone on with for a day.
 */
export async function upload(channel: Channel, file: SourceFile, { signal, progress }: UploadOptions): Promise<UploadReply> {
  const token = randomBytes(16).toString('hex')
  const host = listen(channel, token)
  const abort = (): void => channel.destroy()
  signal.addEventListener('abort', abort, { once: true })
  try {
    channel.input.write(`${script(file, token)}\n`)
    const [has, sum] = await host.line(LOOK)
    const there = Number(has)
    const keep = there > 0 && there <= file.size && sum === (await beginning(file, there))
    channel.input.write(`${keep ? 'keep' : 'new'}\n`)
    let sent = keep ? there : 0
    progress?.(sent)
    if (sent < file.size) {
      await using source = await open(file.path)
      // Two buffers in turn: one is read while the other is written. New ones would be work for the garbage collector.
      const pieces = [Buffer.allocUnsafeSlow(LARGEST), Buffer.allocUnsafeSlow(LARGEST)] as const
      let written = Promise.resolve()
      let size = PIECE
      for (let turn = 0; sent < file.size; turn++) {
        const piece = pieces[turn % 2 === 0 ? 0 : 1]
        const { bytesRead } = await source.read(piece, 0, Math.min(size, file.size - sent), sent)
        await written
        if (bytesRead === 0) break
        const began = performance.now()
        written = writeWhole(channel, piece.subarray(0, bytesRead), host.ended).then(() => void (size = performance.now() - began < FAST ? LARGEST : PIECE))
        // It is heard of when it is waited for.
        written.catch(() => undefined)
        sent += bytesRead
        progress?.(sent)
      }
      await written
    }
    if (sent !== file.size) return { type: 'refused', message: `${file.path} shrank from ${file.size} to ${sent} bytes while it was sent` }
    channel.input.end()
    const [last, ...words] = await host.line(LOOK)
    return last === 'done' ? { type: 'there', kept: keep ? there : 0 } : { type: 'refused', message: words.join(' ') || host.said() }
  } catch (thrown) {
    // A file of ours that cannot be read is no trouble of the connection.
    if (thrown instanceof Error && 'code' in thrown && !channel.input.errored && !host.ended.aborted && !signal.aborted) return { type: 'refused', message: thrown.message }
    return { type: 'lost', message: signal.aborted ? 'interrupted while a file was sent' : messageOf(thrown) }
  } finally {
    signal.removeEventListener('abort', abort)
    channel.destroy()
  }
}

/** One line, read by a stage-zero shell of the user: looks, says what is there, hears what to keep, and takes the rest. */
function script({ sha256, size }: SourceFile, token: string): string {
  return [
    'umask 077; LC_ALL=C; export LC_ALL',
    'if [ "$(id -u)" = 0 ]; then d=/var/lib/ts-play; else d=${XDG_STATE_HOME:-$HOME/.local/state}/ts-play; fi',
    `f=${quote(sha256)} n=0 s=-`,
    `no() { echo; echo "${token} refused $*"; exit 1; }`,
    'mkdir -p "$d/upload" && cd "$d/upload" || no "$d/upload cannot be made"',
    'find . -type f -mtime +1 -exec rm -f {} + 2>/dev/null',
    '[ -h "$f" ] && rm -f "$f"',
    `[ -f "$f" ] && n=$(($(wc -c <"$f"))) && if [ "$n" -le ${size} ]; then s=$(sha256sum <"$f"); s=\${s%% *}; fi`,
    `echo; echo "${token} $n $s"`,
    'read -r k || exit 1',
    'if [ "$k" = keep ]; then :; else n=0; : >"$f" || no "$d/upload cannot be written to"; fi',
    // A terminal has no end of input, and nothing comes behind the file.
    `if [ -t 0 ]; then head -c $((${size}-n)); else cat; fi >>"$f" || no "no space left in $d/upload"`,
    `n=$(($(wc -c <"$f"))); if [ "$n" = ${size} ]; then echo; echo "${token} done"; else no "$n of ${size} bytes are there"; fi`,
  ].join('; ')
}

/** The lines with the token, one at a time; what else the host says is kept for messages. */
function listen(channel: Channel, token: string): { line: (within: number) => Promise<readonly string[]>; ended: AbortSignal; said: () => string } {
  const end = new AbortController()
  const noise = new Tail()
  const lines: string[][] = []
  let waiting: ((line: readonly string[]) => void) | undefined
  let rest = ''
  channel.output.on('data', (chunk: Buffer) => {
    const texts = (rest + chunk.toString('latin1')).split('\n')
    rest = (texts.pop() ?? '').slice(-4096)
    for (const text of texts) {
      const [first, ...words] = text.trimEnd().split(' ')
      if (first === token) lines.push(words)
      else noise.add(Buffer.from(`${text}\n`, 'latin1'))
    }
    if (waiting && lines[0]) waiting(lines.shift() ?? [])
  })
  channel.errors.on('data', (chunk: Buffer) => noise.add(chunk))
  void channel.closed.then(how => setTimeout(() => end.abort(new Error([how, noise.text].filter(Boolean).join('; it said: '))), 50))
  return {
    ended: end.signal,
    said: () => noise.text,
    line: async within => {
      const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>()
      const timer = setTimeout(() => reject(new Error(`nothing for ${within / 1000} s`)), within)
      const fail = (): void => reject(end.signal.reason instanceof Error ? end.signal.reason : new Error('the channel was closed'))
      end.signal.addEventListener('abort', fail, { once: true })
      waiting = resolve
      const first = lines.shift()
      if (first) resolve(first)
      else if (end.signal.aborted) fail()
      try {
        return await promise
      } finally {
        waiting = undefined
        clearTimeout(timer)
        end.signal.removeEventListener('abort', fail)
      }
    },
  }
}

/** SHA-256 of a file's first bytes. */
async function beginning(file: SourceFile, bytes: number): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file.path, { start: 0, end: bytes - 1, highWaterMark: 1024 * 1024 })) hash.update(chunk)
  return hash.digest('hex')
}
