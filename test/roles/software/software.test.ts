import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseBundle } from '../../../roles/software/bundle.ts'
import { fingerprintOf } from '../../../roles/software/signing-key.ts'
import { program } from '../support/shell.ts'

const sum = { sha256: 'x', size: 1 }
const manifest = {
  schema: 1,
  version: 'v1.34.10',
  architecture: 'amd64',
  images: [{ reference: 'registry.k8s.io/pause:3.10.1', file: 'images/pause.tar', placement: 'every-node', contains: 'ignored' }],
  files: { 'bin/kubeadm': sum, 'bin/kubelet': sum, 'bin/kubectl': sum, 'cni/bridge': sum, 'images/pause.tar': sum },
}

describe('bundle.json', () => {
  test('tells what there is', () => {
    expect(parseBundle(JSON.stringify(manifest), '/srv/bundle')).toEqual({
      from: 'bundle', folder: '/srv/bundle', version: 'v1.34.10', architecture: 'amd64', binaries: ['kubeadm', 'kubelet', 'kubectl'], plugins: ['bridge'],
      images: [{ reference: 'registry.k8s.io/pause:3.10.1', file: 'images/pause.tar', placement: 'every-node' }],
    })
  })
  test.each<[string, object, RegExp]>([
    ['a missing program', { files: { 'bin/kubeadm': sum, 'bin/kubelet': sum } }, /lacks bin\/kubectl/],
    ['a newer schema', { schema: 2 }, /schema/],
    ['a path that leads out of it', { files: { ...manifest.files, 'bin/../../etc/shadow': sum } }, /bin\/, cni\/ or images/],
    ['an unknown placement', { images: [{ reference: 'a', file: 'b', placement: 'moon' }] }, /placement/],
  ])('with %s is refused', (_, changes, message) => {
    expect(() => parseBundle(JSON.stringify({ ...manifest, ...changes }), '/srv/bundle')).toThrow(message)
  })
  test('that is no JSON is refused', () => {
    expect(() => parseBundle('<html>', '/srv/bundle')).toThrow()
  })
})

describe('the fingerprint of a signing key', () => {
  const gpg = program('gpg')
  test.skipIf('missing' in gpg)(`is what gpg says${'missing' in gpg ? ` (skipped: ${gpg.missing})` : ''}`, () => {
    const home = mkdtempSync(join(tmpdir(), 'tsp-gpg-'))
    const run = (...args: string[]): string => execFileSync('gpg', ['--homedir', home, '--batch', '--quiet', ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    try {
      for (const algorithm of ['rsa2048', 'ed25519']) {
        run('--passphrase', '', '--quick-generate-key', `${algorithm}@example.org`, algorithm, 'sign', 'never')
        const expected = /^fpr:+([0-9A-F]{40}):/m.exec(run('--list-keys', '--with-colons', `${algorithm}@example.org`))?.[1]
        expect(fingerprintOf(run('--armor', '--export', `${algorithm}@example.org`))).toBe(expected)
      }
    } finally {
      spawnGpgconf(home)
      rmSync(home, { recursive: true, force: true })
    }
  })
  test('of anything else is none', () => {
    expect(fingerprintOf('')).toBeUndefined()
    expect(fingerprintOf('<html>Not found</html>')).toBeUndefined()
    expect(fingerprintOf('-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n=AAAA\n-----END PGP PUBLIC KEY BLOCK-----\n')).toBeUndefined()
  })
})

/** gpg leaves an agent behind, which would keep its folder. */
function spawnGpgconf(home: string): void {
  execFileSync('gpgconf', ['--homedir', home, '--kill', 'all'], { stdio: 'ignore' })
}
