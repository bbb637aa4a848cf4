import { globSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'rolldown'
import { thirdParty } from './third-party.ts'

const root = join(import.meta.dirname, '../..')

/**
 * Writes what is packed: a few files in place of some hundred modules, as every module that is found, read and linked costs each start a third of a millisecond. What is imported lazily stays so.
 * Names and lines are kept as they are: a stack trace has to be readable.
 */
export async function bundle(folder: string): Promise<void> {
  // What others import or run: the public API, the program, each role, each playbook.
  const entries = ['engine/index.ts', 'engine/cli/main.ts', ...globSync(['roles/*/role.ts', 'playbooks/*.ts'], { cwd: root })]
  await build({
    cwd: root,
    input: Object.fromEntries(entries.map(file => [file.slice(0, -'.ts'.length), file])),
    // Roles import the API by its name, as a user's do, so that all get the one copy that runs them. Of ssh2, which is on the network and holds keys, npm has to know.
    external: ['ts-play', /^ssh2(\/|$)/],
    platform: 'node',
    logLevel: 'warn',
    plugins: [thirdParty('THIRD-PARTY.md')],
    output: {
      dir: folder,
      cleanDir: true,
      entryFileNames: '[name].js',
      chunkFileNames: ({ moduleIds }) => `${moduleIds.some(id => id.startsWith(join(root, 'roles/'))) ? 'roles' : 'engine'}/shared/[name].js`,
      comments: { legal: true, annotation: false, jsdoc: false },
      codeSplitting: {
        groups: [
          // Roles want it, too, and it must not take the program along.
          { name: 'yaml', test: /[\\/]node_modules[\\/]yaml[\\/]/ },
          { name: 'model', test: /[\\/]engine[\\/]model[\\/]/ },
          { name: 'view', test: /[\\/]engine[\\/]render[\\/]/, minShareCount: 2 },
          { name: 'ssh', test: /[\\/]engine[\\/]connection[\\/](ssh-|ssh2)/, minShareCount: 2 },
          // Playbooks want most of them, and a file for each would be as many as there were.
          { name: 'kubernetes', test: /[\\/]roles[\\/](kubernetes[\\/]|outputs\.ts)/ },
          { name: 'k3s', test: /[\\/]roles[\\/]k3s/ },
          { name: 'roles', test: /[\\/]roles[\\/]/ },
        ],
      },
    },
  })
}
