#!/usr/bin/env node
// The one file that must run on any Node: it refuses an old one in a line, then loads the program.
// Installed from the registry that is the built one; in a checkout it is the source, which Node runs as it is.
import { existsSync, mkdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import module from 'node:module'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`ts-play needs Node.js 22.18 or newer; this is ${process.version} (${process.execPath})\n`)
  process.exit(69)
}

/** Compiled code is kept for the next start, in a folder of the user's own: what lies there is run, so nobody else may have put it there. */
function keepCompiled() {
  const folder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'ts-play', 'node')
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const real = realpathSync(folder)
    if (isOurs(real)) module.enableCompileCache?.(real)
  } catch {
    // A home that cannot be written to: then it is compiled every time.
  }
}

/** Whether nobody but us and root can exchange the folder, or one above it: root's HOME may be that of the user who called sudo. */
function isOurs(folder) {
  const own = process.geteuid?.()
  const { uid, mode } = statSync(folder)
  if (uid !== own || (mode & 0o022) !== 0) return false
  for (let at = dirname(folder); ; at = dirname(at)) {
    const above = statSync(at)
    const sticky = (above.mode & 0o1000) !== 0
    if ((above.uid !== own && above.uid !== 0) || ((above.mode & 0o022) !== 0 && !sticky)) return false
    if (at === dirname(at)) return true
  }
}

const root = new URL('../../', import.meta.url)
if (process.argv[2] === '--version') {
  process.stdout.write(`${JSON.parse(readFileSync(new URL('package.json', root), 'utf8')).version}\n`)
  process.exit(0)
}

keepCompiled()
// Node does not strip types below node_modules, so an installed package runs its build.
const source = !fileURLToPath(import.meta.url).includes('/node_modules/') && existsSync(new URL('engine/cli/main.ts', root))
const api = new URL(source ? 'engine/index.ts' : 'dist/engine/index.js', root).href

// A playbook's `import 'ts-play'` is this very copy, wherever the playbook lies: two copies would not know each other's values.
module.registerHooks({
  resolve: (specifier, context, next) => (specifier === 'ts-play' ? { url: api, shortCircuit: true } : next(specifier, context)),
})

if (!source && !existsSync(new URL(api))) {
  process.stderr.write('ts-play: this package was packed without its build (dist/); pack it with: npm run package\n')
  process.exit(70)
}

const { main } = await import(new URL(source ? 'engine/cli/main.ts' : 'dist/engine/cli/main.js', root).href)
try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  // EX_SOFTWARE: what is told apart from a failed run by its exit code is a mistake of ours.
  process.stderr.write(`ts-play: a mistake in the program itself: please report it with what stands below\n${String(error instanceof Error ? error.stack : error)}\n`)
  process.exitCode = 70
}
