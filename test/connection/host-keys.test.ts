import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../../engine/connection/connect.ts'
import { isFailure } from '../../engine/connection/failure.ts'
import { parseKnownHosts } from '../../engine/connection/known-hosts.ts'
import type { Target } from '../../engine/connection/target.ts'
import { announceSkip, has } from './machine.ts'
import { target } from './open.ts'
import { sshd, sshdRefusal, type Sshd } from './sshd.ts'
import { sshdFarm } from './sshd-farm.ts'

if (sshdRefusal !== undefined) announceSkip('host keys of a real sshd', sshdRefusal)
const STRANGER = `SHA256:${'A'.repeat(43)}`

for (const connection of ['ssh2', 'openssh'] as const) {
  describe.skipIf(sshdRefusal !== undefined || (connection === 'openssh' && !has('ssh'))).concurrent(`a pinned host key over ${connection}`, () => {
    let server: Sshd
    beforeAll(async () => {
      server = await sshd()
    })
    afterAll(() => server.remove())
    const inFolder = (name: string): string => join(server.folder, name)
    const print = (): string => execFileSync('ssh-keygen', ['-lf', inFolder('host_ed25519.pub')], { encoding: 'utf8' }).split(' ')[1] ?? ''
    async function tried(changes: Partial<Target>, ...fingerprints: readonly string[]): Promise<string> {
      const made = await connect(target({ name: 'h1', connection, port: server.port, privateKeyFile: server.key, knownHostsFiles: [server.knownHosts], hostKeyPins: { fingerprints, place: 'inventory.yaml:7' }, ...changes }))
      if (isFailure(made)) return `${made.reason}: ${made.message}`
      await made.close()
      return 'in'
    }

    it('needs no known_hosts, and writes none', async () => {
      expect(await tried({ knownHostsFiles: [inFolder('nothing')] }, print())).toBe('in')
      expect(await tried({ knownHostsFiles: [inFolder('nothing')] }, STRANGER, print())).toBe('in')
      expect(existsSync(inFolder('nothing'))).toBe(false)
    })

    it('that is not the one shown is refused with both fingerprints and the place, whatever known_hosts and acceptNew say', async () => {
      for (const acceptNew of [false, true]) {
        const said = await tried({ acceptNew }, STRANGER)
        expect(said).toMatch(/^host-key: the host key of h1 .* is not the one in the inventory: it shows ED25519 key SHA256:/)
        expect(said).toContain(print())
        expect(said).toContain(`pinned is ${STRANGER} (inventory.yaml:7)`)
      }
    })

    it('wins over another key in known_hosts', async () => {
      const file = inFolder(`other-${connection}`)
      writeFileSync(file, `[127.0.0.1]:${server.port} ${readFileSync(`${server.key}.pub`, 'utf8')}`)
      expect(await tried({ knownHostsFiles: [file] }, print())).toBe('in')
    })

    it('that is revoked is refused', async () => {
      const file = inFolder(`revoked-${connection}`)
      writeFileSync(file, `@revoked * ${readFileSync(inFolder('host_ed25519.pub'), 'utf8')}`)
      expect(await tried({ knownHostsFiles: [file] }, print())).toMatch(connection === 'ssh2' ? /^host-key: .*revoked/ : /^host-key: .*only what was revoked/)
    })
  })
}

describe.skipIf(sshdRefusal !== undefined)('fifty new hosts at once', () => {
  it('are written down in whole lines, one each', { timeout: 120_000 }, async () => {
    const farm = await sshdFarm(50)
    const file = join(farm.folder, 'new_known_hosts')
    writeFileSync(file, '# no line end')
    const made = await Promise.all(farm.addresses.map((address, index) => connect(target({ name: `h${index}`, address, port: farm.port, user: farm.user, connection: 'ssh2', privateKeyFile: farm.key, knownHostsFiles: [file], acceptNew: true, connectTimeout: 60_000 }))))
    expect(made.filter(isFailure)).toEqual([])
    await Promise.all(made.map(async session => isFailure(session) || session.close()))
    const lines = readFileSync(file, 'utf8').split('\n')
    expect(lines[0]).toBe('# no line end')
    expect(new Set(parseKnownHosts(lines.join('\n'), file).map(({ hosts }) => hosts))).toEqual(new Set(farm.addresses.map(address => `[${address}]:${farm.port}`)))
    expect(lines.filter(line => line !== '')).toHaveLength(51)
    await farm.remove()
  })
})
