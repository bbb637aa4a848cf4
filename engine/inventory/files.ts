import { open, readdir } from 'node:fs/promises'

/** What reading an inventory needs of a disk: a capability, so that tests read from memory. */
export interface Files {
  /** The bytes of a file; a folder is told apart, and nothing beyond `limit` bytes is read. */
  read(path: string, limit: number): Promise<FileContent>
  /** Names in a folder, sorted; `undefined` when there is no such folder. */
  list(path: string): Promise<readonly FolderEntry[] | undefined>
}

export type FileContent =
  | { readonly type: 'file'; readonly bytes: Uint8Array }
  | { readonly type: 'folder' }
  | { readonly type: 'too-big' }
  | { readonly type: 'missing' }
  | { readonly type: 'unreadable'; readonly problem: string }

export interface FolderEntry {
  readonly name: string
  readonly folder: boolean
}

/** The controller's disk. Reads by stream, not by size, so that a pipe such as `<(ansible-inventory --list --yaml)` works. */
export const disk: Files = {
  async read(path, limit) {
    try {
      const handle = await open(path)
      try {
        if ((await handle.stat()).isDirectory()) return { type: 'folder' }
        const chunks: Uint8Array[] = []
        let size = 0
        for (;;) {
          const { bytesRead, buffer } = await handle.read(new Uint8Array(65_536))
          if (bytesRead === 0) return { type: 'file', bytes: Buffer.concat(chunks) }
          size += bytesRead
          if (size > limit) return { type: 'too-big' }
          chunks.push(buffer.subarray(0, bytesRead))
        }
      } finally {
        await handle.close()
      }
    } catch (problem) {
      return code(problem) === 'ENOENT' || code(problem) === 'ENOTDIR' ? { type: 'missing' } : { type: 'unreadable', problem: code(problem) }
    }
  },

  async list(path) {
    try {
      const entries = await readdir(path, { withFileTypes: true })
      const folders = entries.map(async entry => ({
        name: entry.name,
        folder: entry.isDirectory() || (entry.isSymbolicLink() && (await disk.read(`${path}/${entry.name}`, 0)).type === 'folder'),
      }))
      // Sorted by code unit: the order, and so who wins, must not depend on the locale.
      return (await Promise.all(folders)).sort((left, right) => (left.name < right.name ? -1 : 1))
    } catch {
      return undefined
    }
  },
}

/** Files in memory: `{ 'inventory/prod.yaml': 'all: …' }`. Folders are there when a path goes through them. */
export function memory(files: Readonly<Record<string, string | Uint8Array>>): Files {
  return {
    read(path, limit) {
      const content = Object.hasOwn(files, path) ? files[path] : undefined
      if (content === undefined) return Promise.resolve(Object.keys(files).some(name => name.startsWith(`${path}/`)) ? { type: 'folder' } : { type: 'missing' })
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
      return Promise.resolve(bytes.length > limit ? { type: 'too-big' } : { type: 'file', bytes })
    },
    list(path) {
      const below = Object.keys(files).filter(name => name.startsWith(`${path}/`)).map(name => name.slice(path.length + 1))
      if (below.length === 0) return Promise.resolve(undefined)
      const names = new Map(below.map(name => [name.split('/')[0] ?? '', name.includes('/')]))
      return Promise.resolve([...names].sort(([left], [right]) => (left < right ? -1 : 1)).map(([name, folder]) => ({ name, folder })))
    },
  }
}

function code(problem: unknown): string {
  return problem instanceof Error && 'code' in problem ? String(problem.code) : String(problem)
}
