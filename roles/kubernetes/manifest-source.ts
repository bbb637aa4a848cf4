import { createHash } from 'node:crypto'
import { sh, z, type Command, type Look } from 'ts-play'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 has 64 hexadecimal digits, in lower case').describe('SHA-256 of the manifest')

/**
 * Somebody else's manifest: a file on the controller (a checkout, an air-gap folder, what `helm template` has printed) or a URL that the controller reads. Never
 * without its digest: it becomes root on every node.
 */
export const manifestSource = z.union([z.strictObject({ file: z.string(), sha256 }), z.strictObject({ url: z.url({ protocol: /^https?$/ }), sha256 })])

export type ManifestSource = z.output<typeof manifestSource>

/** Its text. @throws Error when it is not what the digest says */
export async function readManifest(on: Look, source: ManifestSource): Promise<string> {
  const text = await on.query('file' in source ? sh`cat ${underHome(source.file)}` : sh`curl -fsSL --proto =http,https --max-time 60 ${source.url}`)
  return ofDigest(text, source)
}

/** Pure. @throws Error that says what the digest is */
export function ofDigest(text: string, source: ManifestSource): string {
  const found = createHash('sha256').update(text).digest('hex')
  const where = 'file' in source ? source.file : source.url
  if (found !== source.sha256) throw new Error(`${where} is not the manifest that was meant: expected sha256 ${source.sha256}, got ${found}. Read what is in it, and set manifest.sha256 to that if it is right`)
  return text
}

/** `~/` is whoever runs ts-play; everything else is quoted. */
function underHome(path: string): Command {
  return path.startsWith('~/') ? sh`"$HOME"/${path.slice(2)}` : sh`${path}`
}
