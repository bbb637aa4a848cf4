import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fingerprintsOf } from '../../engine/resources/openpgp-key.ts'
import { program } from '../roles/support/shell.ts'

const gpg = program('gpg')

describe.skipIf('missing' in gpg)(`the fingerprints of public keys${'missing' in gpg ? ` (skipped: ${gpg.missing})` : ''}`, () => {
  let home: string
  const run = (...args: string[]): string => execFileSync('gpg', ['--homedir', home, '--batch', '--quiet', ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const armored = (...who: string[]): string => run('--armor', '--export', ...who)
  const expected = (who: string): string | undefined => /^fpr:+([0-9A-F]{40}):/m.exec(run('--list-keys', '--with-colons', who))?.[1]

  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'tsp-gpg-'))
    for (const [who, algorithm, usage] of [['rsa@', 'rsa2048', 'sign'], ['ed@', 'ed25519', 'sign'], ['default@', 'default', 'default']] as const) run('--passphrase', '', '--quick-generate-key', who, algorithm, usage, 'never')
  })
  afterAll(() => {
    // gpg leaves an agent behind, which would keep its folder.
    execFileSync('gpgconf', ['--homedir', home, '--kill', 'all'], { stdio: 'ignore' })
    rmSync(home, { recursive: true, force: true })
  })

  test.each(['rsa@', 'ed@', 'default@'])('are what gpg says, of %s, without those of subkeys', who => {
    expect(fingerprintsOf(armored(who))).toEqual([expected(who)])
    expect(fingerprintsOf(armored(who).replaceAll('\n', '\r\n'))).toEqual([expected(who)])
    expect(fingerprintsOf(armored(who).replace('BLOCK-----\n', 'BLOCK-----\nVersion: GnuPG v2.0.22 (GNU/Linux)\nComment: of old\n'))).toEqual([expected(who)])
    expect(fingerprintsOf(armored(who).replace(/\n=[^\n]{4}\n/, '\n'))).toEqual([expected(who)])
  })
  test('tell every key: one that is hidden behind another, in the same block or in its own, is seen', () => {
    expect(fingerprintsOf(armored('rsa@', 'ed@'))).toEqual([expected('rsa@'), expected('ed@')])
    expect(fingerprintsOf(armored('ed@') + armored('rsa@'))).toEqual([expected('ed@'), expected('rsa@')])
  })
  test('of a text that is cut off are none', () => {
    const whole = armored('rsa@')
    expect(fingerprintsOf(whole.split('\n').filter((_, index) => index !== 5).join('\n'))).toEqual([])
    expect(fingerprintsOf(armored('ed@') + whole.split('\n').filter((_, index) => index !== 5).join('\n'))).toEqual([])
  })
})

test.each(['', '<html>Not found</html>', '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n=AAAA\n-----END PGP PUBLIC KEY BLOCK-----\n', '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxsA=\n-----END PGP PUBLIC KEY BLOCK-----\n'])('%j holds no key', text => {
  expect(fingerprintsOf(text)).toEqual([])
})
