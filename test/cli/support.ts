import { spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('../../engine/cli/ts-play.mjs', import.meta.url))
export const checkout = fileURLToPath(new URL('../../', import.meta.url))

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

interface Options {
  readonly folder: string
  readonly stdin?: string
  readonly environment?: Readonly<Record<string, string>>
  /** Whoever writes to stdin does not close it. */
  readonly keepOpen?: boolean
  /** The reader of stdout goes away at once. */
  readonly deaf?: boolean
}

/** The program as a user starts it, in a folder; without an ssh agent, so that nothing of the developer's is tried. */
export function tsPlay(words: readonly string[], { folder, stdin = '', environment = {}, keepOpen = false, deaf = false }: Options): Promise<Ended> {
  const { SSH_AUTH_SOCK: _, ...inherited } = process.env
  const child = spawn(process.execPath, [PROGRAM, ...words], { cwd: folder, env: { ...inherited, NO_COLOR: '1', ...environment }, stdio: 'pipe' })
  let [stdout, stderr] = ['', '']
  if (deaf) child.stdout.destroy()
  child.stdout.on('data', chunk => { stdout += String(chunk) })
  child.stderr.on('data', chunk => { stderr += String(chunk) })
  child.stdin.on('error', () => undefined)
  child.stdin.write(stdin)
  if (!keepOpen) child.stdin.end()
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => resolve({ code: code ?? -1, stdout, stderr }))
  })
}

export interface Folder extends AsyncDisposable {
  readonly path: string
  readonly run: (words: string | readonly string[], options?: Omit<Options, 'folder'>) => Promise<Ended>
  readonly write: (files: Readonly<Record<string, string>>) => Promise<void>
  readonly makeExecutable: (name: string) => Promise<void>
}

/** A folder with a user's files, to run the program in. A command line without quotes may be one text. */
export async function folderWith(files: Readonly<Record<string, string>>): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'ts-play-cli-'))
  const write: Folder['write'] = async named => {
    for (const [name, text] of Object.entries(named)) {
      await mkdir(dirname(join(path, name)), { recursive: true })
      await writeFile(join(path, name), text)
    }
  }
  await write(files)
  return {
    path,
    write,
    run: (words, options) => tsPlay(typeof words === 'string' ? words.split(' ') : words, { folder: path, ...options }),
    makeExecutable: name => chmod(join(path, name), 0o755),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}

/** Two web servers and a database that are all this machine: what needs a host but no network. */
export const LOCAL = `all:
  vars: { ansible_connection: local }
  children:
    web: { hosts: { a: , b: } }
    db: { hosts: { c: } }
`

/** One play on `web` with a variable that has a default, and one that has none. */
export const SITE = `import { command, groups, play, playbook, role, sh, z } from 'ts-play'
const { web } = groups('web')
const motd = role('motd', {
  vars: { greeting: z.string().default('hello'), motto: z.string().optional() },
  tasks: ({ vars }) => [command({ name: 'greet', run: sh\`echo \${vars.greeting}\` })],
})
export default playbook('site', [play(motd, { hosts: web })])
`
