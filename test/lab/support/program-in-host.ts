import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { $ } from 'zx'
import { z } from 'zod'
import type { Lab } from '../lab.ts'
import { sshOptions } from '../login.ts'

const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url))
const Lockfile = z.object({ packages: z.record(z.string(), z.object({ dependencies: z.record(z.string(), z.string()).optional() })) })
/** What the source imports; the packed program has most of it inside. */
const IMPORTED = ['commander', 'diff', 'listr2', 'p-queue', 'picomatch', 'ssh2', 'yaml', 'zod']

export const NODE = '/opt/node/bin/node'
export const PROGRAM = '/opt/ts-play/engine/cli/ts-play.mjs'

/** Puts this Node and this checkout into a host, for a controller that works on itself. */
export async function installProgram(lab: Lab, host: string): Promise<void> {
  const { packages } = Lockfile.parse(JSON.parse(await readFile(`${CHECKOUT}package-lock.json`, 'utf8')))
  const modules = withTheirs(IMPORTED, packages).map(name => `node_modules/${name}`).filter(path => existsSync(CHECKOUT + path))
  const target = `root@${lab.address(host)}`
  const ssh = ['ssh', ...sshOptions(lab), target]
  const quiet = $({ quiet: true })
  await quiet`tar -C ${CHECKOUT} -ch package.json engine test/lab/support/local-bridge.ts ${modules} | ${ssh} 'mkdir -p /opt/ts-play && tar -C /opt/ts-play -x --no-same-owner && chmod -R a+rX /opt'`
  await quiet`tar -C ${dirname(dirname(process.execPath))} -ch bin/node | ${ssh} 'mkdir -p /opt/node && tar -C /opt/node -x --no-same-owner'`
  // A binary that is another one than ours would prove nothing.
  const expected = createHash('sha256').update(await readFile(process.execPath)).digest('hex')
  const { stdout } = await lab.exec(host, `sha256sum ${NODE}; ${NODE} ${PROGRAM} --version`)
  if (!stdout.startsWith(expected) || !/\n\S*\d+\.\d+/.test(stdout)) throw new Error(`the program does not run on ${host}: ${stdout}`)
}

/** Packages, and what they and those inside of their folders depend on. */
function withTheirs(names: readonly string[], packages: z.infer<typeof Lockfile>['packages']): readonly string[] {
  const found = new Set(names)
  for (const name of found) {
    const inside = Object.entries(packages).filter(([path]) => path === `node_modules/${name}` || path.startsWith(`node_modules/${name}/`))
    for (const dependency of inside.flatMap(([, { dependencies = {} }]) => Object.keys(dependencies))) found.add(dependency)
  }
  return [...found]
}
