import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * A lab host's own cgroups. Every host gets one sub-cgroup in every v1 hierarchy, joined before its systemd starts:
 * without it all hosts would share /kubepods, because the root of a v1 cgroup namespace is the machine's root.
 * This is the whole interface a v2 machine would have to offer; v2 was never run, so `cgroupRefusal` refuses it by name.
 */
export interface HostCgroups {
  /** The folders that the supervisor writes its pid into. */
  readonly folders: readonly string[]
  prepare(): Promise<void>
  freeze(): Promise<void>
  thaw(): Promise<void>
  /** Pids of the host's processes, those in containers of its own included. */
  processes(): readonly number[]
  /** Removes what is left of the tree; says whether it is gone. */
  remove(): Promise<boolean>
}

const root = '/sys/fs/cgroup'
const hierarchies = ['cpu', 'cpuacct', 'cpuset', 'devices', 'freezer', 'blkio', 'pids', 'systemd', 'unified'] as const

export function cgroupRefusal(): string | undefined {
  if (existsSync(join(root, 'cgroup.controllers'))) {
    return 'this machine mounts cgroup v2 only: the lab has been run on cgroup v1 hierarchies (legacy or hybrid) only'
  }
  const missing = [...hierarchies.filter(name => name !== 'unified'), 'memory'].filter(name => !existsSync(join(root, name, 'cgroup.procs')))
  return missing.length > 0 ? `a lab needs the cgroup v1 hierarchies ${missing.join(', ')} under ${root}` : undefined
}

export function hostCgroups(prefix: string, host: string): HostCgroups {
  const parents = [...hierarchies.filter(name => existsSync(join(root, name))).map(name => join(root, name, prefix)), memoryParent(prefix)]
  const folders = parents.map(parent => join(parent, host))
  const freezer = join(root, 'freezer', prefix, host)
  return {
    folders,
    async prepare() {
      for (const folder of folders) await mkdir(folder, { recursive: true })
      // A cpuset takes no process before it was given its processors and memory nodes, parents first.
      for (const folder of [join(root, 'cpuset', prefix), join(root, 'cpuset', prefix, host)]) {
        for (const file of ['cpuset.cpus', 'cpuset.mems']) await writeFile(join(folder, file), await readFile(join(root, 'cpuset', file)))
      }
      // With CAP_MKNOD a host could open the machine's disks and memory. Denied as exceptions, not by an allow list, because
      // runc must still write `a *:* rwm` for privileged containers; and without `m`, because it writes `b *:* m` for others.
      const denied = [...diskMajors().map(major => `b ${major}:* rw`), 'c 1:1 rw', 'c 1:2 rw', 'c 1:4 rw']
      for (const rule of denied) await writeFile(join(root, 'devices', prefix, host, 'devices.deny'), rule)
    },
    freeze: () => setFreezer(freezer, 'FROZEN'),
    thaw: () => setFreezer(freezer, 'THAWED'),
    processes: () => processesUnder(join(root, 'systemd', prefix, host)),
    async remove() {
      // A cgroup stays busy for a moment after its last process has gone.
      for (let left = 50; left > 0; left--) {
        for (const folder of folders) await removeTree(folder)
        if (!folders.some(folder => existsSync(folder))) break
        await sleep(20)
      }
      for (const parent of parents) await rmdir(parent).catch(() => undefined) // fails while other hosts live there
      return !folders.some(folder => existsSync(folder))
    },
  }
}

/** Cgroups of this lab that still exist, for the check after teardown. */
export function cgroupsLeft(prefix: string): readonly string[] {
  return [...hierarchies.map(name => join(root, name, prefix)), memoryParent(prefix)].filter(folder => existsSync(folder))
}

/** The memory hierarchy's root may be kept from us by a container manager: the launcher's own group is always ours. */
function memoryParent(prefix: string): string {
  const own = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/'
  return join(root, 'memory', own, prefix)
}

function diskMajors(): readonly string[] {
  const rows = readFileSync('/proc/partitions', 'utf8').split('\n').slice(2).map(row => row.trim().split(/\s+/)[0] ?? '')
  return [...new Set(rows)].filter(major => major !== '' && major !== '7') // 7 = loop devices, which full-disk tests may use
}

async function setFreezer(folder: string, wanted: 'FROZEN' | 'THAWED'): Promise<void> {
  const file = join(folder, 'freezer.state')
  for (let left = 250; left > 0; left--) {
    await writeFile(file, wanted)
    if ((await readFile(file, 'utf8')).trim() === wanted) return
    await sleep(20)
  }
  throw new Error(`${file} did not become ${wanted}`)
}

function processesUnder(folder: string): readonly number[] {
  const own = processesOf(folder).split('\n').filter(line => line !== '').map(Number)
  return [...own, ...subfolders(folder).flatMap(processesUnder)]
}

/** A group may go while it is read: its host's own systemd removes its groups, and ENODEV is what the kernel says then. */
function processesOf(folder: string): string {
  try {
    return readFileSync(join(folder, 'cgroup.procs'), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENODEV')) return ''
    throw error
  }
}

async function removeTree(folder: string): Promise<void> {
  for (const child of subfolders(folder)) await removeTree(child)
  await rmdir(folder).catch(() => undefined)
}

/** A cgroup may vanish between two looks at it; then it has no children. */
function subfolders(folder: string): readonly string[] {
  try {
    return readdirSync(folder).map(name => join(folder, name)).filter(path => statSync(path).isDirectory())
  } catch {
    return []
  }
}
