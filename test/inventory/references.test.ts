import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { Decrypt } from '../../engine/inventory/references.ts'
import { Secret, secretsIn } from '../../engine/model/secret.ts'
import { encryptVault } from '../../engine/secrets/ansible-vault.ts'
import { vaultOpener } from '../../engine/secrets/vault-passwords.ts'
import { hostNamed, inventoryOf, mistakesIn, readText } from './support.ts'

const password = new Secret('vault password')
const decrypt: Decrypt = vaultOpener(() => Promise.resolve([{ label: undefined, password }]))
const vaulted = async (text: string, indent: string): Promise<string> => (await encryptVault(new Secret(text), password)).trim().split('\n').map(line => indent + line).join('\n')

describe('secrets of an inventory', () => {
  test('a vaulted value, one from the environment and one from a file are Secrets', async () => {
    const yaml = `all:
  hosts:
    m1:
      db_password: !vault |
${await vaulted('s3cret: # {{ x }}', '          ')}
      token: !env TOKEN
      keys: [!file ~/key.pem, !file ../key.pem]
`
    const files = { '/inv/prod.yaml': yaml, '/home/me/key.pem': '-----BEGIN\nhome\n', '/key.pem': 'beside' }
    const inventory = await inventoryOf(files, { paths: ['/inv/prod.yaml'], decrypt, environment: { TOKEN: 'abc' } })
    const { vars } = hostNamed(inventory, 'm1')
    expect(secretsIn(vars)).toEqual(['s3cret: # {{ x }}', 'abc', '-----BEGIN\nhome', 'beside'])
    expect(inspect(inventory, { depth: 9 })).not.toMatch(/s3cret|abc|home\n|beside/)
    expect(JSON.stringify(vars)).toBe('{"db_password":"***","token":"***","keys":["***","***"]}')
  })

  test('every text of a wholly vaulted file is a secret, and its numbers and names are not', async () => {
    const files = { 'prod.yaml': 'masters: { hosts: { m1: } }', 'group_vars/masters/vault.yml': await vaulted('port: 6443\nusers: [{ name: root, password: hunter2 }]\nansible_user: ops', '') }
    const host = hostNamed(await inventoryOf(files, { decrypt }), 'm1')
    expect(secretsIn(host.vars)).toEqual(['root', 'hunter2'])
    expect([host.vars['port'], host.access.user]).toEqual([6443, 'ops'])
  })

  test('a mistake in a vaulted file has its place and never its line', async () => {
    const files = { 'prod.yaml': 'masters: { hosts: { m1: } }', 'group_vars/masters.yml': await vaulted('a: 1\nansible_port: secret-port\n__proto__: x\nmode: 0644', '') }
    expect(await mistakesIn(files, { decrypt })).toMatchInlineSnapshot(`
      "error: group_vars/masters.yml:2:15: expected a port from 1 to 65535, got a secret
      error: group_vars/masters.yml:3:1: \`__proto__\` cannot be a name"
    `)
    const broken = { 'prod.yaml': 'masters: { hosts: { m1: } }', 'group_vars/masters.yml': await vaulted('a: "hunter2\nhunter3', '') }
    expect(await mistakesIn(broken, { decrypt })).toMatchInlineSnapshot(`
      "error: group_vars/masters.yml:1:4: YAML syntax: Missing closing "quote
        a quote, a bracket or a \`:\` is not closed or missing"
    `)
  })

  test('what cannot be had is told where it was asked for', async () => {
    const yaml = `all:
  vars:
    a: !env NOT_SET
    b: !file nowhere
    c: !vault |
      $ANSIBLE_VAULT;1.1;AES256
      616263
    d: !vault plain text
    e: !env toString
  hosts: { m1: }
`
    const { inventory } = await readText({ '/inv/prod.yaml': yaml }, { paths: ['/inv/prod.yaml'], decrypt })
    expect(hostNamed(inventory, 'm1').vars['a']).toBeUndefined()
    expect(await mistakesIn({ '/inv/prod.yaml': yaml }, { paths: ['/inv/prod.yaml'], decrypt })).toMatchInlineSnapshot(`
      "error: /inv/prod.yaml:3:13: environment variable \`NOT_SET\` is not set
            a: !env NOT_SET
                    ~~~~~~~
        set it before the run: NOT_SET=… ts-play …
      error: /inv/prod.yaml:4:14: cannot read the secret's file /inv/nowhere: missing
            b: !file nowhere
                     ~~~~~~~
        a relative path starts at the file that says it; \`~\` is the home folder
      error: /inv/prod.yaml:5:15: the vaulted value is damaged: salt, MAC and ciphertext are not all there
            c: !vault |
                      ~
        make it with: ansible-vault encrypt_string --stdin-name NAME
      error: /inv/prod.yaml:8:15: not a vaulted value: it does not begin with $ANSIBLE_VAULT
            d: !vault plain text
                      ~~~~~~~~~~
        make it with: ansible-vault encrypt_string --stdin-name NAME
      error: /inv/prod.yaml:9:13: environment variable \`toString\` is not set
            e: !env toString
                    ~~~~~~~~
        set it before the run: toString=… ts-play …"
    `)
  })

  test('without a vault password, and with a wrong one', async () => {
    const yaml = `all:\n  hosts:\n    m1:\n      a: !vault |\n${await vaulted('x', '        ')}\n`
    expect(await mistakesIn(yaml)).toMatch(/^error: prod.yaml:4:\d+: a vaulted value, and no vault password was given\n/)
    const wrong = vaultOpener(() => Promise.resolve([{ label: undefined, password: new Secret('another') }]))
    expect(await mistakesIn(yaml, { decrypt: wrong })).toMatch(/^error: prod.yaml:4:\d+: wrong vault password, or the vaulted text was changed\n/)
    expect(await mistakesIn({ 'prod.yaml': await vaulted('all: {}', '') })).toMatch(/^error: prod.yaml: a vaulted value, and no vault password was given\n/)
  })
})
