import { spawn, type ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Change } from '../../../engine/model/change.ts'
import type { Script } from '../../../engine/model/script.ts'
import { Secret } from '../../../engine/model/secret.ts'
import type { Payload, SectionResult, SourceFile } from '../../../engine/model/session.ts'
import type { Assessment, Task } from '../../../engine/model/task.ts'
import type { Shell } from './shells.ts'

export interface HostOptions {
  readonly shell: Shell
  /** A folder of the test's own. Scripts run in `<scratch>/cwd`, so what an injection makes by a relative name is found there. */
  readonly scratch: string
  /** Folders before PATH: stand-ins for tools of the system. */
  readonly tools?: readonly string[] | undefined
  readonly environment?: Readonly<Record<string, string>> | undefined
  /** Run as this user (needs root). */
  readonly uid?: number | undefined
  /** How much of a script's stdin arrives, 0 to 1 (default 1), and whether the pipe then closes or just stays silent. */
  readonly stdin?: { readonly part: number; readonly after: 'closes' | 'stays-silent' } | undefined
  /** Milliseconds after which a script is killed; default 15,000. */
  readonly deadline?: number | undefined
}

/** What looking gave: differences and the script that mends them, or why it could not look. */
export type Look =
  | { readonly type: 'seen'; readonly changes: readonly Change[]; readonly apply: () => Script; readonly settled: Assessment['settled']; readonly stdout: string }
  | { readonly type: 'failed'; readonly result: SectionResult }

/** Runs scripts of tasks as the framed shell does: in a subshell after the helpers, with stdin, stdout and stderr of their own. */
export interface LocalHost {
  run(script: Script, helpers: string | undefined): Promise<SectionResult>
  look(task: Task): Promise<Look>
  apply(task: Task, script: Script): Promise<SectionResult>
}

export function localHost(options: HostOptions): LocalHost {
  const { shell, scratch, tools = [], environment = {}, uid, deadline = 15_000 } = options
  const cwd = join(scratch, 'cwd')
  mkdirSync(cwd, { recursive: true })
  const env = { PATH: [...tools, shell.path].join(':'), LC_ALL: 'C', HOME: scratch, TSP_STATE: join(scratch, 'state'), ...environment }

  async function run(script: Script, helpers = ''): Promise<SectionResult> {
    const [program, ...words] = shell.command
    const text = `umask 077\nTSP_RANDOM=${randomBytes(8).toString('hex')}\n${helpers}\n(\n${script.command.text}\n)`
    const identity = uid === undefined ? {} : { uid, gid: uid }
    // A process group of its own, so that a test can kill all of it.
    const child = spawn(program, [...words, '-c', text], { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'], ...identity })
    const timer = setTimeout(() => killGroup(child), deadline)
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.stdin.on('error', () => undefined)
    feed(child, script.stdin, options.stdin)
    const status = await new Promise<number | undefined>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', code => resolve(code ?? undefined))
    })
    clearTimeout(timer)
    return { status, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }
  }

  return {
    run,
    apply: (task, script) => run(script, task.helpers),
    async look(task) {
      const result = await run(task.probe, task.helpers)
      if (result.status !== 0) return { type: 'failed', result }
      return { type: 'seen', ...task.assess(result, controllerFile), stdout: result.stdout }
    },
  }
}

/** A file of this machine as the engine hands it to a plan. */
export function controllerFile(path: string): SourceFile {
  const content = readFileSync(path)
  return { type: 'source-file', path, size: content.length, sha256: createHash('sha256').update(content).digest('hex'), ...(content.length < 64 * 1024 ? { content } : {}) }
}

function feed(child: ChildProcess, payload: Payload | undefined, { part, after }: NonNullable<HostOptions['stdin']> = { part: 1, after: 'closes' }): void {
  const { stdin } = child
  if (!stdin) return
  if (payload !== undefined && typeof payload === 'object' && 'type' in payload && part === 1) {
    createReadStream(payload.path).pipe(stdin)
    return
  }
  const bytes = bytesOf(payload)
  stdin.write(bytes.subarray(0, Math.floor(bytes.length * part)))
  if (after === 'closes') stdin.end()
  else setTimeout(() => killGroup(child), 300)
}

function bytesOf(payload: Payload | undefined): Buffer {
  if (payload === undefined) return Buffer.alloc(0)
  if (payload instanceof Secret) return Buffer.from(Secret.reveal(payload))
  if (typeof payload === 'string' || payload instanceof Uint8Array) return Buffer.from(payload)
  return readFileSync(payload.path)
}

function killGroup(child: ChildProcess): void {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGKILL')
}
