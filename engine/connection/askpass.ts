import { execFile } from 'node:child_process'
import { closeSync, constants, openSync, write } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { Socket } from 'node:net'
import { promisify } from 'node:util'

/**
 * What ssh runs to ask a question (its only argument). It hands the question to us and prints our answer; both go through fifos that nobody else can
 * open, so that no secret is ever in an argument, an environment or a file. When we are gone its fifos end, and so does it.
 */
const HELPER = `#!/bin/sh
exec 3<"$TSP_ASK.a" 4>"$TSP_ASK.q" || exit 1
printf '%s\\0' "$1" >&4
read -r may <&3 && [ "$may" = yes ] && exec head -n 1 <&3
exit 1
`

/** For one ssh process: its questions come to us. */
export interface Askpass {
  /** What that ssh's environment needs beside its own. */
  readonly environment: Readonly<Record<string, string>>
  close(): Promise<void>
}

interface Asked {
  /** A private folder. */
  readonly folder: string
  /** A name that no other process of that folder has. */
  readonly name: string
  /** The answer to a question, without a line break; `undefined`: none is given, and ssh goes on without. */
  readonly answer: (question: string) => string | undefined
}

export async function askpass({ folder, name, answer }: Asked): Promise<Askpass> {
  const helper = `${folder}/ask`
  const [questions, answers] = [`${folder}/${name}.q`, `${folder}/${name}.a`]
  await writeFile(helper, HELPER, { mode: 0o700 })
  await promisify(execFile)('mkfifo', ['-m', '600', questions, answers])
  // Opened both ways: neither waits for somebody at the other end, nor ends between two questions.
  const mode = constants.O_RDWR | constants.O_NONBLOCK
  const [from, to] = [openSync(questions, mode), openSync(answers, mode)]
  const ears = listen(from, question => {
    const text = answer(question)
    write(to, text === undefined ? 'no\n' : `yes\n${text}\n`, () => undefined)
  })
  return {
    environment: { SSH_ASKPASS: helper, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: process.env['DISPLAY'] ?? 'none:0', TSP_ASK: `${folder}/${name}` },
    close: async () => {
      ears.destroy()
      closeSync(to)
      await Promise.all([rm(questions, { force: true }), rm(answers, { force: true })])
    },
  }
}

function listen(from: number, hear: (question: string) => void): Socket {
  const socket = new Socket({ fd: from, readable: true, writable: false })
  let rest = ''
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => {
    const questions = (rest + chunk.toString('utf8')).split('\0')
    rest = (questions.pop() ?? '').slice(-4096)
    questions.forEach(hear)
  })
  return socket
}
