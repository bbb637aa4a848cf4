import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Secret } from '../../engine/model/secret.ts'
import { encryptVault } from '../../engine/secrets/ansible-vault.ts'
import { folderWith, type Folder } from './support.ts'

/** A role that hands a secret to a command, and tells by its outcome whether it was the right one. */
const PLAYBOOK = `import { command, everyone, play, playbook, role, secretString, sh } from 'ts-play'
const login = role('login', {
  vars: { password: secretString() },
  tasks: ({ vars }) => [command({ name: 'log in', run: sh\`[ "$(cat)" = correct-horse ]\`, stdin: vars.password })],
})
export default playbook('site', [play(login, { hosts: everyone })])
`
const inventory = (vaulted: string): string => `all:
  vars:
    ansible_connection: local
    password: !vault |
${vaulted.trimEnd().split('\n').map(line => `      ${line}\n`).join('')}  hosts: { a: , b: }
`

let folder: Folder
beforeAll(async () => {
  const secret = (text: string, password: string, label?: string) => encryptVault(new Secret(text), new Secret(password), label === undefined ? {} : { label })
  folder = await folderWith({
    'site.ts': PLAYBOOK,
    'inventory.yaml': inventory(await secret('correct-horse', 'sesame')),
    'labelled.yaml': inventory(await secret('correct-horse', 'sesame', 'prod')),
    'whole/hosts.yaml': 'all:\n  vars: { ansible_connection: local }\n  hosts: { a: }\n',
    'whole/group_vars/all.yaml': await secret('password: correct-horse\n', 'sesame'),
    'two.yaml': `${inventory(await secret('correct-horse', 'sesame'))}  children:\n    web:\n      vars:\n        other: !vault |\n${(await secret('x', 'sesame')).trimEnd().split('\n').map(line => `          ${line}\n`).join('')}      hosts: { a: }\n`,
    'plain.yaml': 'all:\n  vars: { ansible_connection: local, password: !env PASSWORD }\n  hosts: { a: }\n',
    sesame: '  sesame\n',
    wrong: 'simsalabim\n',
    empty: ' \n',
    program: '#!/bin/sh\necho sesame\n',
    fails: '#!/bin/sh\necho "the keyring is locked" >&2\nexit 7\n',
    vaulted: await secret('x', 'y'),
  })
  await folder.makeExecutable('program')
  await folder.makeExecutable('fails')
  // A password is no program because somebody's file system says that everything is executable.
  await folder.makeExecutable('sesame')
})
afterAll(() => folder?.[Symbol.asyncDispose]())

const NO_PASSWORD = 'a vaulted value, and no vault password was given\n'

describe('a vaulted variable', () => {
  test.each([
    ['by a password file', 'site.ts -i inventory.yaml --vault-password-file sesame', ''],
    ['by a program that prints the password', 'site.ts -i inventory.yaml --vault-password-file program', ''],
    ['by the second of two files', 'site.ts -i inventory.yaml --vault-password-file wrong --vault-password-file sesame', ''],
    ['by an answer', 'site.ts -i inventory.yaml -J', 'sesame\n'],
    ['by the first of two answers, the second is for sudo', 'site.ts -i inventory.yaml -K -J', 'sesame\nfor-sudo\n'],
    ['with a vault id', 'site.ts -i labelled.yaml --vault-password-file sesame', ''],
    ['in a vaulted file', 'site.ts -i whole --vault-password-file sesame', ''],
  ])('is opened %s, and shown nowhere', async (_, words, stdin) => {
    const { code, stdout, stderr } = await folder.run(`${words} -v --diff --record events.jsonl`, { stdin })
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('[a] login : command log in: changed')
    for (const text of [stdout, await readFile(join(folder.path, 'events.jsonl'), 'utf8')]) expect(text).not.toMatch(/correct-horse|sesame|for-sudo/)
  })

  test('is not asked for where nothing is vaulted: the answer is still that line of stdin', async () => {
    const { code } = await folder.run('site.ts -i plain.yaml -J -K', { stdin: 'for the vault\nfor sudo\n', environment: { PASSWORD: 'correct-horse' } })
    expect(code).toBe(0)
  })
})

describe('a vault that cannot be opened: one message with its place, before the first connection', () => {
  test.each([
    ['without a password', 'inventory.yaml', '', '', `${NO_PASSWORD}`, 'give --vault-password-file FILE or --ask-vault-pass'],
    ['with a wrong password', 'inventory.yaml', '--vault-password-file wrong', '', 'wrong vault password, or the vaulted text was changed\n', 'check the password: ansible-vault view FILE must open it too'],
    ['with a wrong answer', 'inventory.yaml', '-J', 'simsalabim\n', 'wrong vault password, or the vaulted text was changed\n', 'check the password: ansible-vault view FILE must open it too'],
    ['with a wrong password for a vault id', 'labelled.yaml', '--vault-password-file wrong', '', 'wrong vault password for vault id `prod`, or the vaulted text was changed\n', 'check the password: ansible-vault view FILE must open it too'],
    ['with two wrong passwords', 'inventory.yaml', '--vault-password-file wrong -J', 'abra\n', 'none of the 2 vault passwords opens this value\n', 'passwords were given for: any vault id'],
    ['when nobody answers', 'inventory.yaml', '-J', '', 'no Vault password was given: stdin is no terminal to ask on, and has no line for it\n', 'run it on a terminal, or give the password as a line of stdin'],
  ])('%s', async (_, file, options, stdin, message, hint) => {
    const { code, stdout, stderr } = await folder.run(`site.ts -i ${file} ${options}`.trim(), { stdin })
    expect({ code, stdout }).toEqual({ code: 65, stdout: '' })
    expect(stderr).toMatch(new RegExp(`^error: ${file.replace('.', '\\.')}:4:\\d+: `))
    expect(stderr).toContain(`: ${message}`)
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(`  ${hint}`)
  })

  test('in two places is told once, with both', async () => {
    const { stderr } = await folder.run('site.ts -i two.yaml')
    expect(stderr.match(/no vault password/g)).toHaveLength(1)
    expect(stderr).toMatch(/\n {2}the same at two\.yaml:\d+:\d+\n$/)
  })

  test.each([
    ['that does not exist', 'nowhere', 'no such file or directory', 'it holds the password that ansible-vault was given, or is a program that prints it'],
    ['that is a folder', 'whole', 'illegal operation on a directory', 'it holds the password that ansible-vault was given, or is a program that prints it'],
    ['that is empty', 'empty', 'the file is empty', 'it holds the password that ansible-vault was given'],
    ['that is vaulted itself', 'vaulted', 'this is a vaulted file itself', 'name the file that holds the password'],
    ['that is a program which fails', 'fails', 'the program failed: the keyring is locked', 'it holds the password that ansible-vault was given, or is a program that prints it'],
  ])('with a password file %s', async (_, file, message, hint) => {
    expect(await folder.run(`site.ts -i inventory.yaml --vault-password-file ${file}`)).toEqual({ code: 64, stdout: '', stderr: `error: --vault-password-file ${file}: ${message}\n  ${hint}\n` })
  })
})
