import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { $ } from 'zx'
import { machineApt } from '../apt.ts'
import { cacheFolder } from '../cache.ts'
import { bootstrap, release } from '../rootfs.ts'
import type { TarEntry } from './tar.ts'

/** What kube-proxy and flannel call: taken from Debian's packages, never from whatever this machine has installed. */
const packages = ['iptables', 'nftables', 'conntrack', 'busybox-static'] as const

const busybox = ['sh', 'cp', 'mv', 'ln', 'rm', 'ls', 'cat', 'echo', 'mkdir', 'sleep', 'grep', 'sed', 'ps', 'ip'] as const
const iptables = ['iptables', 'ip6tables'].flatMap(name => [name, `${name}-save`, `${name}-restore`])

/** A shell with cp: what an init container needs. */
export async function shellUserland(): Promise<readonly TarEntry[]> {
  const root = await debianWith()
  return [...skeleton(['tmp', 'usr/bin']), await fileOf(root, 'usr/bin/busybox'), ...busybox.map(name => symlink(`usr/bin/${name}`, 'busybox'))]
}

/**
 * iptables (nft and legacy), nft and conntrack with every library they load. The extensions below xtables/ are loaded by
 * name, and they need libraries of their own: without libm a kube-proxy runs, is Ready, and writes no rules.
 */
export async function netfilterUserland(): Promise<readonly TarEntry[]> {
  const root = await debianWith()
  const extensions = (await readdir(join(root, 'usr/lib/x86_64-linux-gnu/xtables'))).map(name => `usr/lib/x86_64-linux-gnu/xtables/${name}`)
  const programs = ['usr/sbin/xtables-nft-multi', 'usr/sbin/xtables-legacy-multi', 'usr/sbin/nft', 'usr/sbin/conntrack']
  const libraries = await closure(root, [...programs, ...extensions])
  const paths = [...new Set([...programs, ...extensions, ...libraries])].toSorted()
  const folders = new Set(['tmp', 'run', 'etc', 'usr/bin', ...paths.flatMap(parents)])
  return [
    ...skeleton([...folders].toSorted()),
    await fileOf(root, 'usr/bin/busybox'),
    ...(await Promise.all(paths.map(path => fileOf(root, path)))),
    ...busybox.map(name => symlink(`usr/bin/${name}`, 'busybox')),
    ...iptables.flatMap(name => [symlink(`usr/sbin/${name}`, 'xtables-nft-multi'), symlink(`usr/sbin/${name.replace('tables', 'tables-nft')}`, 'xtables-nft-multi'), symlink(`usr/sbin/${name.replace('tables', 'tables-legacy')}`, 'xtables-legacy-multi')]),
  ]
}

/** A Debian with those packages, as a folder of the cache. */
async function debianWith(): Promise<string> {
  const apt = await machineApt(release)
  const folder = join(cacheFolder, 'userland', createHash('sha256').update(JSON.stringify([release, packages, apt])).digest('hex').slice(0, 12))
  if (existsSync(folder)) return folder
  await mkdir(dirname(folder), { recursive: true })
  const draft = `${folder}.${process.pid}`
  try {
    await bootstrap(draft, apt, packages)
    await rename(draft, folder)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return folder
}

/** The libraries that the dynamic linker would load for these files, as paths below usr/. */
async function closure(root: string, files: readonly string[]): Promise<readonly string[]> {
  const output = await $({ quiet: true, nothrow: true })`chroot ${root} ldd ${files.map(path => `/${path}`)}`
  if (output.stdout.includes('not found')) throw new Error(`a library is missing:\n${output.stdout}`)
  const found = [...output.stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(match => match[1] ?? '')
  return [...new Set(found)].map(path => (path.startsWith('/usr/') ? path.slice(1) : `usr${path}`))
}

async function fileOf(root: string, path: string): Promise<TarEntry> {
  return { type: 'file', path, content: await readFile(join(root, path)) }
}

/** Folders, and the links of a Debian with merged /usr: the linker looks below /lib and /lib64. */
function skeleton(folders: readonly string[]): readonly TarEntry[] {
  const all = [...new Set(folders.flatMap(path => [...parents(path), path]))].toSorted()
  const links = ['bin', 'sbin', 'lib', 'lib64'].map(name => symlink(name, `usr/${name}`))
  return [...all.map(path => ({ type: 'folder', path, mode: path === 'tmp' ? 0o1777 : 0o755 }) as const), ...links]
}

const symlink = (path: string, target: string): TarEntry => ({ type: 'link', path, target })

/** 'a/b/c' → 'a', 'a/b'. */
function parents(path: string): readonly string[] {
  return path.split('/').slice(0, -1).map((_, index, parts) => parts.slice(0, index + 1).join('/'))
}
