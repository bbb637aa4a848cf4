import { readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { machineFolder } from './cache.ts'

/**
 * Only net.* belongs to a network namespace. Every other sysctl is the machine's, and hosts do set some: a kubelet alone
 * changes vm.overcommit_memory, kernel.panic and kernel.panic_on_oops. So they are recorded before the first host of
 * any lab starts and put back when the last one is gone.
 */
const root = '/proc/sys'
const baselineFile = join(machineFolder, 'sysctls.json')
const Baseline = z.record(z.string(), z.string())

/** Change by themselves, or have side effects when written. */
const restless = /^(kernel\/random|kernel\/ns_last_pid|kernel\/pty|fs\/(dentry|inode|file-nr|aio-nr|quota|binfmt_misc)|vm\/(stat_refresh|drop_caches|compact_memory)|kernel\/(perf_event_max_sample_rate|sched_domain))/

/** What the lab itself needs from the machine: routing for the bridge, and more than 128 inotify instances for seven systemds. */
const needs: Readonly<Record<string, string>> = { 'net/ipv4/ip_forward': '1', 'fs/inotify/max_user_instances': '2048' }

/** Values of every sysctl that is not namespaced. */
export function machineSysctls(): Readonly<Record<string, string>> {
  const values: Record<string, string> = {}
  for (const path of files('')) values[path] = read(path) ?? ''
  return values
}

/** Records the machine's values unless another lab has already done so, then sets what labs need. */
export async function prepareSysctls(): Promise<void> {
  if ((await baseline()) === undefined) {
    const values = { ...machineSysctls(), 'net/ipv4/ip_forward': read('net/ipv4/ip_forward') ?? '0' }
    await mkdir(machineFolder, { recursive: true, mode: 0o700 })
    await writeFile(`${baselineFile}.new`, JSON.stringify(values))
    await rename(`${baselineFile}.new`, baselineFile)
  }
  for (const [path, value] of Object.entries(needs)) await raise(path, value)
}

/** Call when no lab is left: puts back what differs and names what could not be put back. */
export async function restoreSysctls(): Promise<readonly string[]> {
  const before = await baseline()
  const failed: string[] = []
  for (const [path, value] of Object.entries(before ?? {})) {
    if (read(path) === value) continue
    await writeFile(join(root, path), value).catch(() => failed.push(path))
  }
  await rm(baselineFile, { force: true })
  return failed
}

async function baseline(): Promise<z.infer<typeof Baseline> | undefined> {
  const text = await readFile(baselineFile, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : Baseline.parse(JSON.parse(text))
}

async function raise(path: string, value: string): Promise<void> {
  if (Number(read(path)) < Number(value)) await writeFile(join(root, path), value)
}

/** Paths below /proc/sys that can be written and mean the whole machine. */
function files(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap(entry => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (path === 'net' || restless.test(path)) return []
    if (entry.isDirectory()) return files(path)
    return (statSync(join(root, path)).mode & 0o200) === 0 ? [] : [path]
  })
}

function read(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), 'utf8').trimEnd()
  } catch {
    return undefined // write-only, or not for us
  }
}
