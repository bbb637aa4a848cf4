import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** What the tests can find on this machine. */
export const isRoot = process.getuid?.() === 0

export function has(program: string): boolean {
  return ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'].some(folder => existsSync(`${folder}/${program}`))
}

/** Shells the loop has to run in, as far as they are installed; says which are not. */
export const shells = [
  { name: 'dash', command: 'dash' },
  { name: 'bash', command: 'bash' },
  { name: 'busybox ash', command: 'busybox sh' },
  { name: 'mksh', command: 'mksh' },
].map(shell => ({ ...shell, installed: has(shell.command.split(' ')[0] ?? '') }))

/** Prints why tests are left out: a skip without a reason looks like a pass. */
export function announceSkip(what: string, reason: string): void {
  process.stderr.write(`skipped: ${what}: ${reason}\n`)
}

/** Processes whose command line holds `mark` (pid and command line). */
export function processesWith(mark: string): string[] {
  return readdirSync('/proc').filter(name => /^\d+$/.test(name) && name !== String(process.pid)).flatMap(pid => {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      return line.includes(mark) ? [`${pid} ${line}`] : []
    } catch {
      return []
    }
  })
}

/** Processes that stand in a folder: whatever is left of a shell, also when its folder is gone. */
export function processesIn(folder: string): string[] {
  return readdirSync('/proc').filter(name => /^\d+$/.test(name)).filter(pid => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder)
    } catch {
      return false
    }
  })
}

/** Waits until a condition of the outside world holds. @throws Error after `within` milliseconds. */
export async function until(condition: () => boolean, { within, what }: { within: number; what: string }): Promise<void> {
  const end = Date.now() + within
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not within ${within} ms: ${what}`)
    await sleep(20)
  }
}
