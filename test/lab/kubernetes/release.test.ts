import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { download } from './release.ts'

describe('an official release', () => {
  let folder: string
  let server: Server
  let served: Record<string, string>
  let base: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ts-play-release-'))
    served = {}
    server = createServer((request, response) => {
      const content = served[request.url ?? '']
      response.writeHead(content === undefined ? 404 : 200).end(content)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    base = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/release`
  })
  afterEach(async () => {
    server.close()
    await rm(folder, { recursive: true, force: true })
  })
  const publish = (name: string, content: string, digest = createHash('sha256').update(content).digest('hex')): void => {
    served[`/release/v1.34.10/bin/linux/amd64/${name}`] = content
    served[`/release/v1.34.10/bin/linux/amd64/${name}.sha256`] = `${digest}\n`
  }
  const get = (programs: readonly string[]) => download({ base, version: 'v1.34.10', programs, output: folder, say: () => undefined })

  test('is taken where the network has it, executable and with the published digest', async () => {
    publish('kubeadm', 'program')
    expect(await get(['kubeadm'])).toBe(true)
    expect(await readFile(join(folder, 'kubeadm'), 'utf8')).toBe('program')
    expect((await stat(join(folder, 'kubeadm'))).mode & 0o777).toBe(0o755)
  })
  test('that the network does not have is left to the Go modules', async () => {
    expect(await get(['kubeadm'])).toBe(false)
    server.close()
    expect(await get(['kubeadm'])).toBe(false)
  })
  test('with another digest than the published one is refused, and nothing of it is kept', async () => {
    publish('kubeadm', 'tampered', 'a'.repeat(64))
    await expect(get(['kubeadm'])).rejects.toThrow(/kubeadm v1\.34\.10 has the digest [0-9a-f]{64}, and a{64} was published/)
    expect(await readdir(folder)).toEqual([])
  })
})
