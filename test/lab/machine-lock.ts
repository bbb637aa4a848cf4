import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { machineFolder } from './cache.ts'

const file = join(machineFolder, 'machine-lock')
/** Seconds. */
const PATIENCE = 120

/**
 * One process at a time changes what exists once on the machine. Without it the last lab of one test run could put the
 * sysctls back while the first lab of another has just set them.
 *
 * The lock is the kernel's (flock(2)), so nobody has to judge whether its holder is alive: a program holds it that ends when the pipe to it does, as that of
 * a process that was killed.
 */
export async function alone<T>(work: () => Promise<T>): Promise<T> {
  await mkdir(machineFolder, { recursive: true, mode: 0o700 })
  const holder = spawn('flock', ['--wait', String(PATIENCE), file, 'sh', '-c', 'echo held; read -r end || :'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(holder, 'exit')
  const held = await Promise.race([once(holder.stdout, 'data').then(() => true), ended.then(() => false)])
  if (!held) throw new Error(`another process holds ${file} for ${PATIENCE} s`)
  try {
    return await work()
  } finally {
    holder.stdin.end()
    await ended
  }
}
