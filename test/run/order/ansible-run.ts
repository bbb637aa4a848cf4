import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import type { Trouble } from './scenario.ts'

const execute = promisify(execFile)
const PLUGINS = join(import.meta.dirname, 'ansible')

const line = z.object({ host: z.string(), task: z.string(), handler: z.boolean(), on: z.string().nullable(), outcome: z.string(), check: z.boolean() })
/** What the callback in `ansible/` says of one task on one host. */
export type AnsibleLine = z.infer<typeof line>
const failure = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() })

/** Runs with cells of its own: twice in the same place is a second run. */
export type AnsibleRun = (playbook: readonly unknown[], how: { readonly words: readonly string[]; readonly trouble?: Trouble }) => Promise<{ readonly lines: readonly AnsibleLine[]; readonly code: number }>

/** Gives ansible-playbook a place where some cells hold what is wished already. */
export async function withAnsible<T>(done: readonly string[], use: (run: AnsibleRun) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'order-'))
  const state = join(folder, 'state')
  await mkdir(state)
  for (const cell of done) await writeFile(join(state, cell), '')
  const run: AnsibleRun = async (playbook, { words, trouble = {} }) => {
    const file = join(folder, 'playbook.json')
    await writeFile(file, JSON.stringify(playbook))
    const env = {
      PATH: process.env['PATH'], HOME: folder, LC_ALL: 'C.UTF-8', PYTHONDONTWRITEBYTECODE: '1', ANSIBLE_NOCOLOR: '1', ANSIBLE_STDOUT_CALLBACK: 'order',
      ANSIBLE_ACTION_PLUGINS: join(PLUGINS, 'action_plugins'), ANSIBLE_CALLBACK_PLUGINS: join(PLUGINS, 'callback_plugins'), ORDER_STATE: state, ORDER_TROUBLE: JSON.stringify(trouble),
    }
    const { stdout, stderr, code } = await execute('ansible-playbook', [...words, file], { timeout: 60_000, env }).then(told => ({ ...told, code: 0 }), (error: unknown) => failure.parse(error))
    // 2: a host failed, 4: one is unreachable.
    if (code !== 0 && code !== 2 && code !== 4) throw new Error(`${stdout}${stderr}`)
    return { code, lines: stdout.split('\n').filter(text => text.startsWith('{')).map(text => line.parse(JSON.parse(text))) }
  }
  try {
    return await use(run)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** The version of what is on the PATH. */
export async function ansibleVersion(): Promise<string> {
  const { stdout } = await execute('ansible-playbook', ['--version'])
  return /core (\S+)\]/.exec(stdout)?.[1] ?? stdout
}
