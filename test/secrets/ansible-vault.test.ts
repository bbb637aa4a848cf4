import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { Secret } from '../../engine/model/secret.ts'
import { decryptVault, encryptVault, type Opened } from '../../engine/secrets/ansible-vault.ts'
import { vaultOpener, type VaultPassword } from '../../engine/secrets/vault-passwords.ts'

/** Made by ansible-core itself; see `madeBy` in the file. */
const recorded = z
  .object({ madeBy: z.string(), vectors: z.array(z.object({ plain: z.string(), password: z.string(), label: z.string().nullable(), envelope: z.string() })) })
  .parse(JSON.parse(await readFile(new URL('ansible-vault-vectors.json', import.meta.url), 'utf8')))

const shown = (opened: Opened): string => ('plain' in opened ? Secret.reveal(opened.plain) : `${opened.problem} (${opened.hint})`)

describe('the ansible-vault format', () => {
  test.each(recorded.vectors)('opens what ansible-vault made, vector %$', async ({ plain, password, envelope }) => {
    expect(shown(await decryptVault(envelope, new Secret(password)))).toBe(plain)
  })

  test('has the form that ansible-vault writes', async () => {
    const [header, ...lines] = (await encryptVault(new Secret('x'.repeat(100)), new Secret('pw'))).split('\n')
    expect(header).toBe('$ANSIBLE_VAULT;1.1;AES256')
    expect(lines.slice(0, -2).every(line => /^[0-9a-f]{80}$/.test(line))).toBe(true)
    expect(lines.at(-1)).toBe('')
    expect((await encryptVault(new Secret('x'), new Secret('pw'), { label: 'prod' })).split('\n')[0]).toBe('$ANSIBLE_VAULT;1.2;AES256;prod')
  })

  test('gives back any text under any password, and never the same envelope twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 80 }), fc.string({ minLength: 1 }), async (plain, password) => {
        const text = plain.toWellFormed()
        const envelope = await encryptVault(new Secret(text), new Secret(password))
        expect(envelope).not.toBe(await encryptVault(new Secret(text), new Secret(password)))
        expect(shown(await decryptVault(envelope, new Secret(password)))).toBe(text)
      }),
      { numRuns: 30 },
    )
  })

  test('a wrong password is named as such, with the vault id', async () => {
    const envelope = await encryptVault(new Secret('x'), new Secret('right'), { label: 'prod' })
    expect(shown(await decryptVault(envelope, new Secret('wrong')))).toBe('wrong vault password for vault id `prod`, or the vaulted text was changed (check the password: ansible-vault view FILE must open it too)')
  })

  test('one changed digit anywhere is noticed', async () => {
    const envelope = (await encryptVault(new Secret('some text'), new Secret('pw'))).trim()
    const start = envelope.indexOf('\n') + 1
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: start, max: envelope.length - 1 }), fc.constantFrom('0', '1', '9', 'a'), async (at, digit) => {
        const changed = envelope.slice(0, at) + digit + envelope.slice(at + 1)
        if (changed === envelope || envelope[at] === '\n') return
        // A changed separator line, or a digit of the outer hex that is no hex digit inside, is damage; everything else fails the MAC.
        expect(shown(await decryptVault(changed, new Secret('pw')))).toMatch(/^wrong vault password|^the vaulted value is damaged/)
      }),
      { numRuns: 60 },
    )
  })

  test.each([
    ['', 'not a vaulted value: it does not begin with $ANSIBLE_VAULT (make it with: ansible-vault encrypt_string --stdin-name NAME)'],
    ['$ANSIBLE_VAULT;1.0;AES\n00', 'vault format 1.0 is not known (known are 1.1 and 1.2: ansible-vault rekey writes them)'],
    ['$ANSIBLE_VAULT;1.1;AES\n00', 'vault cipher AES is not known (known is AES256: ansible-vault rekey writes it)'],
    ['$ANSIBLE_VAULT;1.1;AES256', 'the vaulted value is damaged: salt, MAC and ciphertext are not all there (make it with: ansible-vault encrypt_string --stdin-name NAME)'],
    ['$ANSIBLE_VAULT;1.1;AES256\nnot hex', 'the vaulted value is damaged: salt, MAC and ciphertext are not all there (make it with: ansible-vault encrypt_string --stdin-name NAME)'],
    ['$ANSIBLE_VAULT;1.1;AES256\n3631', 'the vaulted value is damaged: salt, MAC and ciphertext are not all there (make it with: ansible-vault encrypt_string --stdin-name NAME)'],
  ])('%j is refused', async (envelope, problem) => {
    expect(shown(await decryptVault(envelope, new Secret('pw')))).toBe(problem)
  })

  test('indented lines and other line ends are the same envelope', async () => {
    const envelope = (await encryptVault(new Secret('x'), new Secret('pw'))).trim()
    expect(shown(await decryptVault(envelope.split('\n').map(line => `   ${line}\r`).join('\n'), new Secret('pw')))).toBe('x')
  })
})

describe('several vault passwords', () => {
  const passwords: readonly VaultPassword[] = [
    { label: 'dev', password: new Secret('dev pw') },
    { label: 'prod', password: new Secret('prod pw') },
  ]

  test('are tried, that of the vault id first, and asked for once', async () => {
    let asked = 0
    const open = vaultOpener(() => {
      asked += 1
      return Promise.resolve(passwords)
    })
    expect(shown(await open(await encryptVault(new Secret('a'), new Secret('prod pw'), { label: 'prod' })))).toBe('a')
    expect(shown(await open(await encryptVault(new Secret('b'), new Secret('prod pw'), { label: 'dev' })))).toBe('b')
    expect(shown(await open(await encryptVault(new Secret('c'), new Secret('dev pw'))))).toBe('c')
    expect(asked).toBe(1)
  })

  test('none of which fits are told by their vault ids', async () => {
    const open = vaultOpener(() => Promise.resolve(passwords))
    expect(shown(await open(await encryptVault(new Secret('a'), new Secret('x'), { label: 'prod' })))).toBe('none of the 2 vault passwords opens this value of vault id `prod` (passwords were given for: dev, prod)')
    expect(shown(await vaultOpener(() => Promise.resolve([]))(await encryptVault(new Secret('a'), new Secret('x'))))).toBe('a vaulted value, and no vault password was given (give --vault-password-file FILE or --ask-vault-pass)')
  })
})
