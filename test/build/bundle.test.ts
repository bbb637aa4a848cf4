import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packed, type Packed } from './packed.ts'

const root = join(import.meta.dirname, '../..')
const package_: { version: string; dependencies: Record<string, string> } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))

/** Hands a secret to a command that gives it away and fails, beside a role that came with the program. */
const SITE = `import { command, everyone, play, playbook, role, Secret, sh } from 'ts-play'
import { dns } from 'ts-play/roles/dns'
const told = role('told', { tasks: () => [command({ name: 'tell', run: sh\`cat; exit 3\`, stdin: new Secret('hunter2 of ' + dns.name) })] })
export default playbook('site', [play(told, { hosts: everyone })])
`
const INVENTORY = 'all: { hosts: { here: { ansible_connection: local } } }\n'

let user: Packed
beforeAll(async () => {
  user = await packed()
  await writeFile(join(user.folder, 'site.ts'), SITE)
  await writeFile(join(user.folder, 'inventory.yaml'), INVENTORY)
}, 60_000)
afterAll(() => user?.[Symbol.asyncDispose]())

describe('what is packed', () => {
  test('has one engine for the program, a user’s playbook, and the roles: a secret of one is a secret of the others', async () => {
    const { code, stdout, stderr } = await user.run('site.ts', '-i', 'inventory.yaml', '-o', 'plain')
    expect(code, stderr).toBe(1)
    expect(stdout).toContain('***')
    expect(stdout + stderr).not.toContain('hunter2')
  })

  test.each([
    ['what it throws', "export default playbook('x', [play(undefined, { hosts: everyone })])", 'error: wrong.ts:2:31: the playbook could not be loaded: '],
    ['what it refuses', "const a = play(role('a', { tasks: () => [] }), { hosts: everyone })\nexport default playbook('x', [a, play(a.role, { hosts: everyone })])", 'error: wrong.ts:3:1: two plays are called a'],
  ])('tells where in a user’s playbook the reason is for %s: its own files are none of that', async (_, playbook, said) => {
    await writeFile(join(user.folder, 'wrong.ts'), `import { everyone, play, playbook, role } from 'ts-play'\n${playbook}\n`)
    const { code, stderr } = await user.run('wrong.ts', '-i', 'inventory.yaml', '--list-hosts')
    expect(stderr).toContain(said)
    expect(code).toBe(65)
  })

  test('shows the graph of its own ha.ts out of few files, and without what connects', async () => {
    const { code, stdout, stderr, modules } = await user.run('node_modules/ts-play/dist/playbooks/ha.js', '-i', join(root, 'inventory/prod.yaml'), '--graph')
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^flowchart/)
    expect(modules.filter(name => !name.startsWith('node:')).length, modules.join('\n')).toBeLessThanOrEqual(16)
    expect(modules.filter(name => /ssh2|perform|tree|log-update|picomatch/.test(name))).toEqual([])
  })

  test('loads of the libraries for a connection, and for a screen, only what a run wants', async () => {
    const { modules } = await user.run('site.ts', '-i', 'inventory.yaml', '-o', 'plain')
    expect(modules).toContain('ts-play/dist/engine/shared/perform.js')
    expect(modules.filter(name => !name.startsWith('node:')).length, modules.join('\n')).toBeLessThanOrEqual(20)
    expect(modules.filter(name => /^ssh2\/|openssh|tree|log-update|picomatch|junit|html/.test(name))).toEqual([])
  })

  test('loads of ssh2 what a client wants: not its server, and not Node’s HTTP', async () => {
    await writeFile(join(user.folder, 'nobody.yaml'), 'all: { hosts: { nobody: { ansible_host: 127.0.0.1, ansible_port: 1 } } }\n')
    const { code, modules } = await user.run('site.ts', '-i', 'nobody.yaml', '-o', 'plain', '--ssh-config', 'none', '--timeout', '1')
    expect(code).toBe(4)
    expect(modules).toContain('ssh2/lib/client.js')
    expect(modules.filter(name => /^node:https?$|^ssh2\/lib\/(index|server|keygen|http-agents)/.test(name))).toEqual([])
    expect(modules.filter(name => !name.startsWith('node:')).length, modules.join('\n')).toBeLessThanOrEqual(48)
  })

  test('answers --help with neither a parser of YAML nor zod', async () => {
    const { code, stdout, modules } = await user.run('--help')
    expect(code).toBe(0)
    expect(stdout).toContain('Exit codes:')
    expect(modules.filter(name => /yaml|engine\/index|carry-out/.test(name))).toEqual([])
  })

  test('knows its version, also where the program reads it', async () => {
    expect((await user.run('-V')).stdout).toBe(`${package_.version}\n`)
  })

  test('names each package that is inside, with its license', async () => {
    const notices = await readFile(join(user.folder, 'node_modules/ts-play/dist/THIRD-PARTY.md'), 'utf8')
    for (const name of ['commander', 'diff', 'listr2', 'p-queue', 'picomatch', 'yaml', 'zod']) expect(notices).toMatch(new RegExp(`^\\| ${name} \\| \\d\\S* \\| (MIT|ISC|BSD-3-Clause) \\|$`, 'm'))
    expect(notices).not.toMatch(/^\| ssh2 /m)
  })

  test('has zod’s code inside and npm’s types of it beside: both are of one version', async () => {
    const installed: { version: string } = JSON.parse(await readFile(join(root, 'node_modules/zod/package.json'), 'utf8'))
    expect(package_.dependencies['zod']).toBe(installed.version)
  })
})
