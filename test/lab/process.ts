import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** A process is known by its pid and the time it started: pids are used again. */
export const Process = z.object({ pid: z.int(), started: z.string() })
export type Process = z.infer<typeof Process>

export function thisProcess(): Process {
  return { pid: process.pid, started: startOf(process.pid) ?? '' }
}

/** Whether that process still runs, and is not another one with its pid. */
export function isSameProcess({ pid, started }: Process): boolean {
  return startOf(pid) === started
}

/** Field 22 of /proc/PID/stat, counted behind the command's name, which may contain blanks. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}
