import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { $ } from 'zx'
import { cacheFolder } from '../lab/cache.ts'

/** ts-play as people have it: packed from this checkout, and installed by npm. */
export interface Installed {
  readonly program: string
  /** One of its own playbooks. */
  readonly playbook: (name: string) => string
}

const root = join(import.meta.dirname, '../..')

/** A run that ends where it would connect. */
const PLAYBOOK = `import { everyone, file, play, playbook, role } from 'ts-play'
export default playbook('warm', [play(role('warm', { tasks: () => [file({ path: '/tmp/warm', content: '' })] }), { hosts: everyone })])
`
const NOBODY = 'all: { hosts: { nobody: { ansible_host: 127.0.0.1, ansible_port: 1 } } }\n'

/** Packs and installs, always to the same place: Node keeps what it compiled by the file's name. */
export async function installed(say: (line: string) => void): Promise<Installed> {
  const folder = join(cacheFolder, 'bench', 'ts-play')
  say('packing and installing ts-play')
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const quiet = $({ quiet: true })
  const { stdout } = await quiet({ cwd: root })`npm run -s package -- --pack-destination ${folder}`
  await writeFile(join(folder, 'package.json'), '{ "name": "bench", "private": true, "type": "module" }\n')
  await quiet({ cwd: folder })`npm install --ignore-scripts --no-audit --no-fund ./${stdout.trim().split('\n').at(-1) ?? ''}`
  const own = join(folder, 'node_modules/ts-play')
  const program = join(own, 'engine/cli/ts-play.mjs')
  // As the peers, it has compiled its code before the first run that counts.
  await writeFile(join(folder, 'warm.ts'), PLAYBOOK)
  await writeFile(join(folder, 'nobody.yaml'), NOBODY)
  const { exitCode, stderr } = await quiet({ cwd: folder, nothrow: true })`${process.execPath} ${program} warm.ts -i nobody.yaml --timeout 1`
  if (exitCode !== 4) throw new Error(`ts-play was to find nobody, and ended with ${exitCode}: ${stderr}`)
  return { program, playbook: name => join(own, 'dist/playbooks', `${name}.js`) }
}
