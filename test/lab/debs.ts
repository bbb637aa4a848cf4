import { existsSync } from 'node:fs'
import { copyFile, link, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from './cache.ts'

/**
 * Packages that one host has downloaded are there for the next one: its apt finds them in its archive folder, checks
 * their hashes as always, and downloads only what is new. Links, so seven hosts cost no disk and no time; a shared
 * folder instead would make the hosts wait for each other's apt lock.
 */
const folder = join(cacheFolder, 'debs')
const archives = 'var/cache/apt/archives'

/** Puts all cached packages into a host's layer, before it is mounted. */
export async function lendDebs(upper: string): Promise<void> {
  await mkdir(join(upper, archives, 'partial'), { recursive: true })
  for (const name of await debsIn(folder)) await place(join(folder, name), join(upper, archives, name))
}

/** Takes what a host has downloaded. apt names a file only when it is complete; what is incomplete is in `partial`. */
export async function harvestDebs(upper: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const name of await debsIn(join(upper, archives))) await place(join(upper, archives, name), join(folder, name))
}

async function debsIn(path: string): Promise<readonly string[]> {
  return (await readdir(path).catch(() => [])).filter(name => name.endsWith('.deb'))
}

async function place(from: string, to: string): Promise<void> {
  if (existsSync(to)) return
  await link(from, to).catch(() => copyFile(from, to)) // another file system cannot link
}
