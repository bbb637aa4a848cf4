/** One entry of a tar. Paths are relative, folders before what is in them. */
export type TarEntry =
  | { readonly type: 'folder'; readonly path: string; readonly mode?: number }
  | { readonly type: 'file'; readonly path: string; readonly content: Uint8Array; readonly mode?: number }
  | { readonly type: 'link'; readonly path: string; readonly target: string }

const block = 512
const flags = { file: '0', link: '2', folder: '5' } as const

/** A ustar archive that depends on nothing but its entries: root's, and dated 1970. The same content has the same digest. */
export function tar(entries: readonly TarEntry[]): Buffer {
  const parts = entries.flatMap(entry => {
    const content = entry.type === 'file' ? entry.content : new Uint8Array()
    return [header(entry, content.length), content, Buffer.alloc((block - (content.length % block)) % block)]
  })
  return Buffer.concat([...parts, Buffer.alloc(2 * block)])
}

function header(entry: TarEntry, size: number): Buffer {
  const bytes = Buffer.alloc(block)
  const text = (offset: number, length: number, value: string): void => {
    if (Buffer.byteLength(value) > length) throw new RangeError(`a tar has no room for ${value}`)
    bytes.write(value, offset)
  }
  const octal = (offset: number, length: number, value: number): void => text(offset, length, value.toString(8).padStart(length - 1, '0'))
  const { name, prefix } = split(entry.type === 'folder' ? `${entry.path}/` : entry.path)
  text(0, 100, name)
  octal(100, 8, entry.type === 'link' ? 0o777 : (entry.mode ?? 0o755))
  octal(108, 8, 0)
  octal(116, 8, 0)
  octal(124, 12, size)
  octal(136, 12, 0)
  text(148, 8, '        ') // the checksum counts itself as blanks
  text(156, 1, flags[entry.type])
  text(157, 100, entry.type === 'link' ? entry.target : '')
  text(257, 8, 'ustar\u000000')
  text(345, 155, prefix)
  const sum = bytes.reduce((left, right) => left + right, 0)
  text(148, 8, `${sum.toString(8).padStart(6, '0')}\0 `)
  return bytes
}

/** Names over 100 bytes are cut at a slash: the front goes to the prefix field. */
function split(path: string): { readonly name: string; readonly prefix: string } {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: '' }
  const slash = path.indexOf('/', path.length - 100)
  return { name: path.slice(slash + 1), prefix: path.slice(0, slash) }
}
