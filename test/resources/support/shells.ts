import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A POSIX shell of this machine with the tools that go with it. */
export interface Shell {
  readonly name: string
  /** Program and arguments before `-c`. */
  readonly command: readonly [string, ...string[]]
  /** PATH of what it runs. */
  readonly path: string
}

const SYSTEM = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** dash, bash and busybox ash, as far as they are here. `TSP_BUSYBOX` names a busybox that is not in PATH; it brings its own tools. */
export const shells: readonly Shell[] = [...named('dash'), ...named('bash'), ...busybox()]

/** The shell for tests that one shell is enough for. */
export const anyShell: Shell = shells[0] ?? { name: 'sh', command: ['sh'], path: SYSTEM }

function find(program: string): string | undefined {
  return SYSTEM.split(':').map(folder => join(folder, program)).find(path => existsSync(path))
}

function named(name: string): Shell[] {
  const program = find(name)
  return program ? [{ name, command: [program], path: SYSTEM }] : []
}

function busybox(): Shell[] {
  const program = process.env['TSP_BUSYBOX'] ?? find('busybox')
  if (!program) return []
  const tools = join(tmpdir(), `ts-play-busybox-${process.pid}`)
  mkdirSync(tools, { recursive: true })
  process.once('exit', () => rmSync(tools, { recursive: true, force: true }))
  for (const applet of execFileSync(program, ['--list'], { encoding: 'utf8' }).trim().split('\n')) {
    if (!existsSync(join(tools, applet))) symlinkSync(program, join(tools, applet))
  }
  return [{ name: 'busybox', command: [program, 'ash'], path: tools }]
}
