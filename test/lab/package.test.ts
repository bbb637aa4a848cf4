import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openLab, type Lab } from './lab.ts'
import { requireLab } from './require-lab.ts'
import { inventoryOf } from './support/ts-play.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../', import.meta.url))
const skip = requireLab()

/** A playbook as somebody writes it who has installed the package. */
const SITE = `import { everyone, file, play, playbook, role } from 'ts-play'
const motd = role('motd', { tasks: ({ host }) => [file({ path: '/etc/motd', content: \`this is \${host.name}\\n\` })] })
export default playbook('site', [play(motd, { hosts: everyone })])
`

describe.skipIf(skip)('the packed program, installed in an empty folder', () => {
  let lab: Lab
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ts-play-package-'))
    const { stdout } = await run('npm', ['run', '-s', 'package', '--', '--pack-destination', folder], { cwd: root })
    await writeFile(join(folder, 'package.json'), '{ "name": "mine", "private": true, "type": "module" }\n')
    await writeFile(join(folder, 'site.ts'), SITE)
    await writeFile(join(folder, 'tsconfig.json'), '{ "compilerOptions": { "module": "nodenext", "target": "es2024", "strict": true, "noEmit": true, "types": [] } }\n')
    await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', `./${stdout.trim().split('\n').at(-1)}`, 'typescript'], { cwd: folder })
    lab = await openLab()
    await lab.up('h1')
    await writeFile(join(folder, 'inventory.yaml'), inventoryOf(lab, { machines: ['h1'] }))
  })
  afterAll(async () => {
    await lab?.down()
    await rm(folder, { recursive: true, force: true })
    await rm(join(root, 'dist'), { recursive: true, force: true })
  })

  test('type-checks a playbook with a role of one’s own, and refuses a wrong one', async () => {
    await run('npx', ['tsc', '-p', '.'], { cwd: folder })
    await writeFile(join(folder, 'wrong.ts'), SITE.replace("path: '/etc/motd'", 'path: 5'))
    await expect(run('npx', ['tsc', '-p', '.'], { cwd: folder })).rejects.toMatchObject({ stdout: expect.stringContaining('wrong.ts(2,') })
    await rm(join(folder, 'wrong.ts'))
  })
  test('runs it against a host', async () => {
    const first = await run('npx', ['ts-play', 'site.ts', '-i', 'inventory.yaml', '--known-hosts', lab.knownHosts], { cwd: folder }).catch((error: unknown) => error)
    expect(first).toMatchObject({ stdout: expect.stringContaining('1 changed') })
    expect((await lab.exec('h1', 'cat /etc/motd')).stdout).toBe('this is h1\n')
    const { stdout } = await run('npx', ['ts-play', 'site.ts', '-i', 'inventory.yaml', '--known-hosts', lab.knownHosts], { cwd: folder })
    expect(stdout).toContain('nothing to do')
  })
  test('brings the roles and playbooks of highly available Kubernetes along', async () => {
    await writeFile(join(folder, 'roles.ts'), `import { role } from 'ts-play'\nimport { dns } from 'ts-play/roles/dns'\nimport { prereqs } from 'ts-play/roles/prereqs'\nexport const names: readonly string[] = [dns.name, prereqs.name]\nexport const mine = role\n`)
    await run('npx', ['tsc', '-p', '.'], { cwd: folder })
    const { stdout } = await run('npx', ['ts-play', 'node_modules/ts-play/dist/playbooks/ha.js', '-i', 'node_modules/ts-play/inventory/prod.yaml', '--graph'], { cwd: folder })
    expect(stdout).toContain('prereqs')
  })
  test('has little beside it, and says what is inside', async () => {
    const { packages }: { packages: Record<string, unknown> } = JSON.parse(await readFile(join(folder, 'node_modules/.package-lock.json'), 'utf8'))
    for (const name of ['ssh2', 'zod']) expect(packages).toHaveProperty([`node_modules/${name}`])
    for (const name of ['yaml', 'commander', 'listr2']) expect(packages).not.toHaveProperty([`node_modules/${name}`])
    expect(await readFile(join(folder, 'node_modules/ts-play/dist/THIRD-PARTY.md'), 'utf8')).toContain('| yaml | ')
  })
})
