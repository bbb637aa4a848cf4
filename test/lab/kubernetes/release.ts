import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { chmod, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Where Kubernetes publishes its binaries, each with its digest beside it. @see https://kubernetes.io/releases/download/ */
export const OFFICIAL = 'https://dl.k8s.io/release'
/** Milliseconds until a network that does not answer counts as one that has no releases. */
const PATIENCE = 5000

export interface Release {
  readonly base: string
  /** v1.34.10 */
  readonly version: string
  readonly programs: readonly string[]
  readonly output: string
  readonly say: (line: string) => void
}

/**
 * Downloads an official release where the network has it. False where it cannot be reached: then it is built from its Go modules.
 *
 * @throws when a program arrives with another digest than the published one; nothing of it is kept
 */
export async function download({ base, version, programs, output, say }: Release): Promise<boolean> {
  await mkdir(output, { recursive: true })
  for (const name of programs) {
    const url = `${base}/${version}/bin/linux/amd64/${name}`
    const digest = await published(url)
    if (digest === undefined) return false
    const response = await fetch(url)
    if (!response.ok || !response.body) return false
    const draft = join(output, `${name}.new`)
    const hash = createHash('sha256')
    await pipeline(Readable.fromWeb(response.body), async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        hash.update(chunk)
        yield chunk
      }
    }, createWriteStream(draft))
    const got = hash.digest('hex')
    if (got !== digest) {
      await rm(draft, { force: true })
      throw new Error(`${name} ${version} has the digest ${got}, and ${digest} was published`)
    }
    await chmod(draft, 0o755)
    await rename(draft, join(output, name))
    say(`downloaded ${name} ${version}`)
  }
  return true
}

/** The published digest; `undefined` where the network does not have it. */
async function published(url: string): Promise<string | undefined> {
  const response = await fetch(`${url}.sha256`, { signal: AbortSignal.timeout(PATIENCE) }).catch(() => undefined)
  const text = response?.ok ? (await response.text()).trim() : ''
  return /^[0-9a-f]{64}$/.test(text) ? text : undefined
}
