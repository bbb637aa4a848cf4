import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { Duplex } from 'node:stream'
import { Tail } from './channel.ts'

/** A program whose stdin and stdout are a line to a host. */
export interface ProcessLine {
  readonly stream: Duplex
  /** How it ended, and what it said on stderr. */
  readonly said: () => string
}

/** @param child with a process group of its own, which ends with the stream */
export function processLine(child: ChildProcessWithoutNullStreams): ProcessLine {
  const errors = new Tail()
  let ended = ''
  child.stderr.on('data', (chunk: Buffer) => errors.add(chunk))
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => undefined)
  const stream = new Duplex({
    read: () => void child.stdout.resume(),
    // A program that takes no more is about to end, and then it has better words than EPIPE.
    write: (chunk: Buffer, _encoding, done) => void child.stdin.write(chunk, error => void (error ? setTimeout(done, 500, error) : done())),
    final: done => void child.stdin.end(done),
    destroy: (error, done) => {
      for (const end of [child.stdin, child.stdout, child.stderr]) end.destroy()
      hangUp(child)
      done(error)
    },
  })
  child.stdout.on('data', (chunk: Buffer) => {
    if (!stream.push(chunk)) child.stdout.pause()
  })
  child.stdout.once('end', () => stream.push(null))
  child.once('error', error => stream.destroy(error))
  child.once('close', (code, signal) => {
    ended = signal ? `ended by ${signal}` : `ended with ${code}`
    stream.destroy()
  })
  return { stream, said: () => [ended, errors.text].filter(Boolean).join('; ') }
}

/** The program and whatever it has started. */
function hangUp({ pid, exitCode, signalCode }: ChildProcessWithoutNullStreams): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  try {
    process.kill(-pid, 'SIGHUP')
  } catch {
    // It was just about to end.
  }
}
