import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundle } from '../../.ci/build/bundle.ts'

const root = join(import.meta.dirname, '../..')

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** What Node loaded, in its order: its own modules, and files, those of packages by their names. */
  readonly modules: readonly string[]
}

/** A user's folder with the package in it as npm would install it, less its types. */
export interface Packed extends AsyncDisposable {
  readonly folder: string
  /** Runs the program in it. */
  readonly run: (...words: readonly string[]) => Promise<Ended>
}

/** Writes down what is loaded, by `import` or `require`. */
const WATCH = `import { writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
const loaded = new Set()
registerHooks({ load: (url, context, next) => { loaded.add(url); return next(url, context) } })
process.on('exit', () => writeFileSync('modules.json', JSON.stringify([...loaded])))
`

export async function packed(): Promise<Packed> {
  const folder = await mkdtemp(join(tmpdir(), 'ts-play-packed-'))
  const own = join(folder, 'node_modules/ts-play')
  await mkdir(join(own, 'engine/cli'), { recursive: true })
  await Promise.all(['package.json', 'engine/cli/ts-play.mjs'].map(file => cp(join(root, file), join(own, file))))
  const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  await Promise.all(Object.keys(dependencies).map(name => symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name))))
  await bundle(join(own, 'dist'))
  await writeFile(join(folder, 'watch.mjs'), WATCH)
  return {
    folder,
    async run(...words) {
      const { SSH_AUTH_SOCK: _, ...inherited } = process.env
      const argv = ['--import', join(folder, 'watch.mjs'), join(own, 'engine/cli/ts-play.mjs'), ...words]
      const { status, stdout, stderr } = spawnSync(process.execPath, argv, { cwd: folder, encoding: 'utf8', env: { ...inherited, NO_COLOR: '1', XDG_CACHE_HOME: join(folder, 'cache') } })
      const urls: readonly string[] = JSON.parse(await readFile(join(folder, 'modules.json'), 'utf8'))
      return { code: status, stdout, stderr, modules: urls.map(url => url.replace(/^.*\/node_modules\//, '')) }
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
