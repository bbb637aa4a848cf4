import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Event, HostSummary } from '../../../engine/model/event.ts'
import type { Lab } from '../lab.ts'

const PROGRAM = fileURLToPath(new URL('../../../engine/cli/ts-play.mjs', import.meta.url))

export interface Finished {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly events: readonly Event[]
  readonly hosts: readonly HostSummary[]
}

export interface Running {
  readonly finished: Promise<Finished>
  readonly kill: (signal: NodeJS.Signals) => void
}

interface RunOptions {
  readonly stdin?: string
  readonly onOutput?: (text: string) => void
  /** Told of each event as it happens; stdout is JSON lines then. */
  readonly onEvent?: (event: Event) => void
}

/** The program as a user runs it, against hosts of a lab: its exit code, what it printed, and its events. What it keeps on the controller is in `folder`. */
export interface TsPlay {
  readonly run: (words: readonly string[], options?: RunOptions) => Promise<Finished>
  readonly start: (words: readonly string[], options?: RunOptions) => Running
  /** Writes a file (inventory, playbook) and gives its path. */
  readonly write: (name: string, content: string) => Promise<string>
  readonly folder: string
  [Symbol.asyncDispose](): Promise<void>
}

export async function tsPlay(lab: Lab): Promise<TsPlay> {
  const folder = await mkdtemp(join(tmpdir(), 'ts-play-lab-'))
  let runs = 0
  const knownHosts = (words: readonly string[]): readonly string[] => (words.includes('--known-hosts') ? [] : ['--known-hosts', lab.knownHosts])
  const start: TsPlay['start'] = (words, { stdin = '', onOutput, onEvent } = {}) => {
    const record = join(folder, `events-${++runs}.jsonl`)
    const child = spawn(process.execPath, [PROGRAM, ...words, ...knownHosts(words), '--record', record, ...(onEvent ? ['--output', 'json'] : [])], { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, XDG_STATE_HOME: join(folder, 'state') } })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', chunk => { stdout += String(chunk); onOutput?.(String(chunk)) })
    if (onEvent) createInterface({ input: child.stdout }).on('line', line => { if (line.endsWith('}')) onEvent(JSON.parse(line)) })
    child.stderr.on('data', chunk => { stderr += String(chunk) })
    child.stdin.on('error', () => undefined)
    child.stdin.end(stdin)
    const finished = new Promise<Finished>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', async code => {
        const lines = (await readFile(record, 'utf8').catch(() => '')).split('\n').filter(line => line.endsWith('}'))
        const events = lines.map((line): Event => JSON.parse(line))
        const end = events.find(event => event.type === 'run-finished')
        resolve({ code: code ?? -1, stdout, stderr, events, hosts: end?.type === 'run-finished' ? end.hosts : [] })
      })
    })
    return { finished, kill: signal => void child.kill(signal) }
  }
  return {
    folder,
    start,
    run: (words, options) => start(words, options).finished,
    async write(name, content) {
      const path = join(folder, name)
      await writeFile(path, content)
      return path
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

/** An inventory of lab hosts in groups, as YAML. */
export function inventoryOf(lab: Lab, groups: Readonly<Record<string, readonly string[]>>, vars: Readonly<Record<string, string>> = {}): string {
  const lines = ['all:', '  vars:', '    ansible_user: root', `    ansible_ssh_private_key_file: ${lab.keyFile}`]
  for (const [key, value] of Object.entries(vars)) lines.push(`    ${key}: ${value}`)
  lines.push('  children:')
  for (const [group, hosts] of Object.entries(groups)) {
    lines.push(`    ${group}:`, '      hosts:')
    for (const host of hosts) lines.push(`        ${host}: { ansible_host: ${lab.address(host)} }`)
  }
  return `${lines.join('\n')}\n`
}
