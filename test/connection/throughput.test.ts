import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../../engine/connection/connect.ts'
import { isFailure } from '../../engine/connection/failure.ts'
import type { SourceFile } from '../../engine/model/session.ts'
import { announceSkip, has } from './machine.ts'
import { calm, results, target } from './open.ts'
import { sshd, sshdRefusal, type Sshd } from './sshd.ts'

const refusal = sshdRefusal ?? (has('scp') ? undefined : 'scp is not installed')
if (refusal !== undefined) announceSkip('throughput beside scp', refusal)
const MEBIBYTE = 1024 * 1024
const SIZE = 200 * MEBIBYTE
/** What is aimed at is 0.85 on a quiet machine. scp has its cipher in a process of its own: where every core is taken that counts twice, which is no reason to fail. */
const LEAST = 0.25

describe.skipIf(refusal !== undefined)('a file of 200 MiB', () => {
  let server: Sshd
  let place: string
  let file: SourceFile
  beforeAll(async () => {
    server = await sshd()
    place = mkdtempSync('/var/tmp/ts-play-throughput-')
    const path = join(place, 'source')
    const source = openSync(path, 'w')
    const hash = createHash('sha256')
    for (let left = SIZE; left > 0; left -= MEBIBYTE) {
      const piece = randomBytes(MEBIBYTE)
      hash.update(piece)
      writeSync(source, piece)
    }
    closeSync(source)
    file = { type: 'source-file', path, size: SIZE, sha256: hash.digest('hex') }
  }, 60_000)
  afterAll(async () => {
    await server?.remove()
    rmSync(place, { recursive: true, force: true })
  })

  it('is sent about as fast as scp sends it, over either transport, connections included', { timeout: 180_000 }, async () => {
    const scp = (): void => void execFileSync('scp', ['-O', '-q', '-F', 'none', '-P', String(server.port), '-i', server.key, '-o', `UserKnownHostsFile=${server.knownHosts}`, '-o', 'IdentitiesOnly=yes', '-c', 'aes128-gcm@openssh.com', file.path, `root@127.0.0.1:${place}/by-scp`])
    const ours = async (connection: 'ssh2' | 'openssh'): Promise<void> => {
      const session = await connect(target({ name: 'h1', connection, port: server.port, privateKeyFile: server.key, knownHostsFiles: [server.knownHosts] }))
      if (isFailure(session)) throw new Error(session.message)
      expect(await session.upload?.(undefined, file, { signal: calm })).toEqual({ type: 'there', kept: 0 })
      const shell = await session.shell(undefined)
      if (isFailure(shell)) throw new Error(shell.message)
      expect(results(await shell.apply({ sections: [{ script: ':', stdin: file }], deadline: 60_000 }, calm))[0]?.status).toBe(0)
      await session.close()
    }
    const seconds = async (work: () => void | Promise<void>): Promise<number> => {
      const began = performance.now()
      await work()
      return (performance.now() - began) / 1000
    }
    const rows: { scp: number; ssh2: number; openssh: number }[] = []
    for (let index = 0; index < 3; index++) rows.push({ scp: await seconds(scp), ssh2: await seconds(() => ours('ssh2')), openssh: await seconds(() => ours('openssh')) })
    const median = (of: 'scp' | 'ssh2' | 'openssh'): number => rows.map(row => row[of]).toSorted((a, b) => a - b)[1]!
    for (const of of ['ssh2', 'openssh'] as const)
      process.stderr.write(`200 MiB: scp ${median('scp').toFixed(2)} s, ${of} ${median(of).toFixed(2)} s: ${(median('scp') / median(of)).toFixed(2)} of its throughput\n`)
    for (const of of ['ssh2', 'openssh'] as const) expect(median('scp') / median(of)).toBeGreaterThan(LEAST)
  })
})
