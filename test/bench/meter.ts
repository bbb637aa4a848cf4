import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Call } from './contenders/contender.ts'

/** What a run cost this machine. */
export interface Cost {
  /** Milliseconds from the start of the first program to the end of the last. */
  readonly wall: number
  /** Milliseconds of processor time of all processes, those in the background included. */
  readonly cpu: number
  /** Most bytes of memory at a time: the pages that belong to the processes, each counted once however many share it; programs' files are not counted. */
  readonly memory: number
  readonly outputs: readonly string[]
  readonly codes: readonly number[]
}

const root = '/sys/fs/cgroup'
/** How often memory is looked at, milliseconds. */
const SAMPLE = 20

/**
 * Runs calls at the same time in a cgroup of their own, so that whatever they start counts, and is gone afterwards: Ansible leaves connections
 * behind, which the next run must not find.
 */
export async function measured(calls: readonly Call[], { deadline }: { readonly deadline: number }): Promise<Cost> {
  const groups = groupsOf(process.pid)
  for (const folder of Object.values(groups)) await mkdir(folder, { recursive: true })
  try {
    let memory = 0
    const sampler = setInterval(() => { memory = Math.max(memory, memoryOf(groups.memory)) }, SAMPLE)
    const before = processorTime(groups.cpu)
    const began = performance.now()
    const ended = await Promise.all(calls.map(call => run(call, Object.values(groups), deadline)))
    const wall = performance.now() - began
    clearInterval(sampler)
    const cpu = processorTime(groups.cpu) - before
    return { wall, cpu, memory, outputs: ended.map(end => end.output), codes: ended.map(end => end.code) }
  } finally {
    await removed(groups)
  }
}

/** Ends what a bench that was killed has left behind: connections of Ansible's, and their groups. */
export async function sweep(): Promise<void> {
  for (const name of await readdir(join(root, 'cpuacct')).catch(() => [])) {
    const pid = /^ts-play-bench-(\d+)$/.exec(name)?.[1]
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) await removed(groupsOf(Number(pid)))
  }
}

interface Groups {
  readonly cpu: string
  readonly memory: string
}

function groupsOf(pid: number): Groups {
  const own = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/'
  const name = `ts-play-bench-${pid}`
  return { cpu: join(root, 'cpuacct', name), memory: join(root, 'memory', own, name) }
}

async function removed(groups: Groups): Promise<void> {
  await emptied(groups.cpu)
  for (const folder of Object.values(groups)) for (let tries = 0; existsSync(folder) && tries < 100; tries++) await rmdir(folder).catch(() => sleep(20))
}

function run({ argv, environment, folder, stdin }: Call, groups: readonly string[], deadline: number): Promise<{ readonly code: number; readonly output: string }> {
  const enter = groups.map(group => `echo $$ >${group}/cgroup.procs`).join('; ')
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', `${enter}; exec "$@"`, 'bench', ...argv], { cwd: folder, env: { ...process.env, ...environment }, stdio: ['pipe', 'pipe', 'pipe'] })
    const timer = setTimeout(() => child.kill('SIGKILL'), deadline)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => void (output += String(chunk)))
    child.stdin.on('error', () => undefined)
    child.stdin.end(stdin ?? '')
    child.once('error', reject)
    // A process that stays in the background may keep the output open; the run is over when its program is.
    child.once('exit', code => {
      clearTimeout(timer)
      setImmediate(() => resolve({ code: code ?? -1, output }))
    })
  })
}

function processorTime(folder: string): number {
  return Number(readFileSync(join(folder, 'cpuacct.usage'), 'utf8')) / 1e6
}

function memoryOf(folder: string): number {
  const stat = readFileSync(join(folder, 'memory.stat'), 'utf8')
  return Number(/^total_rss (\d+)$/m.exec(stat)?.[1] ?? 0)
}

/** Ends what a run has left behind: nothing else is in this group. */
async function emptied(folder: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const pids = readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(line => line !== '').map(Number)
    if (pids.length === 0) return
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has just ended.
      }
    }
    await sleep(20)
  }
}
