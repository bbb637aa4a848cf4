import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** One line per entry below a folder: everything that a write changes, down to inode and mtime. */
export function treeOf(folder: string): readonly string[] {
  return entries(folder, '').map(({ path, stat, content }) =>
    [JSON.stringify(path), stat.ino, stat.mode.toString(8), stat.uid, stat.gid, stat.nlink, stat.size, stat.mtimeNs, stat.ctimeNs, content].join(' '))
}

/** The same as an observer sees it who knows no inodes and times: what is old or new, but never half. Staging directories are left out. */
export function appearanceOf(folder: string): readonly string[] {
  return entries(folder, '')
    .filter(({ path }) => !/(^|\/)\.ts-play\./.test(path))
    .map(({ path, stat, content }) => [JSON.stringify(path), stat.mode.toString(8), stat.uid, stat.gid, content].join(' '))
}

/** Staging directories that somebody left behind below a folder. */
export function leftovers(folder: string): readonly string[] {
  return entries(folder, '').map(({ path }) => path).filter(path => /(^|\/)\.ts-play\.[^/]*$/.test(path))
}

function entries(folder: string, below: string): { path: string; stat: ReturnType<typeof lstat>; content: string }[] {
  return readdirSync(join(folder, below), { encoding: 'utf8' }).toSorted().flatMap(name => {
    const path = join(below, name)
    const stat = lstat(join(folder, path))
    const content = stat.isSymbolicLink() ? `-> ${JSON.stringify(readlinkSync(join(folder, path)))}`
      : stat.isFile() ? createHash('sha256').update(readFileSync(join(folder, path))).digest('hex')
      : ''
    return [{ path, stat, content }, ...(stat.isDirectory() ? entries(folder, path) : [])]
  })
}

function lstat(path: string) {
  return lstatSync(path, { bigint: true })
}
