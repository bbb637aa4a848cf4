import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Event } from '../../../engine/model/event.ts'
import type { Item } from '../work/item.ts'
import type { Contender, Task } from './contender.ts'
import { inventory } from './inventory.ts'
import { queries } from './queries.ts'

/** What a bench may ask of it beside its work. */
export interface TsPlaySettings {
  readonly program: string
  readonly version: string
  /** Words for Node, such as `--cpu-prof`. */
  readonly node?: readonly string[]
  /** Words for ts-play. */
  readonly words?: readonly string[]
}

export function tsPlay({ program, version, node = [], words = [] }: TsPlaySettings): Contender {
  return {
    id: 'ts-play',
    title: 'ts-play',
    version,
    async prepare(job) {
      await mkdir(job.folder, { recursive: true })
      const [playbook, hosts] = [join(job.folder, 'playbook.ts'), join(job.folder, 'inventory.yaml')]
      await writeFile(playbook, playbookOf(job.work))
      await writeFile(hosts, inventory(job))
      const argv = [process.execPath, ...node, program, playbook, '-i', hosts, '--forks', String(Math.max(job.endpoints.length, 50)), '--record', join(job.folder, 'events.jsonl'), ...words] as const
      return [{ argv, environment: {}, folder: job.folder }]
    },
    async said(_outputs, job) {
      const lines = (await readFile(join(job.folder, 'events.jsonl'), 'utf8')).split('\n').filter(line => line !== '')
      const events = lines.map((line): Event => JSON.parse(line))
      const end = events.find(event => event.type === 'run-finished')
      const frames = new Map<string, number>()
      for (const event of events) if (event.type === 'frame') frames.set(event.host, (frames.get(event.host) ?? 0) + 1)
      return { changed: end?.type === 'run-finished' ? end.hosts.reduce((sum, host) => sum + host.changed, 0) : undefined, frames: Math.max(0, ...frames.values()) }
    },
  }
}

export function playbookOf(work: Task): string {
  const body = work.type === 'facts'
    ? `facts: {\n${queries.map(({ name, script }) => `  ${name}: fact({ name: '${name}', query: sh\`${script}\`, parse: text => text }),\n`).join('')}}, tasks: () => []`
    : `tasks: () => [\n${work.items.map(item => `  ${taskOf(item)},\n`).join('')}]`
  return `import { command, copy, directory, everyone, fact, file, group, lineInFile, pkg, play, playbook, role, service, sh, symlink, systemdUnit, user } from 'ts-play'

interface Server { readonly title: string; readonly port: number; readonly peers: readonly string[]; readonly level: string }
const server = ({ title, port, peers, level }: Server): string => \`# \${title}: managed, do not edit
[server]
listen = 0.0.0.0:\${port}
workers = 4
\${peers.map(peer => \`peer = \${peer}:\${port};\`).join('')} # \${peers.length} in all
[log]
level = \${level}
file = /var/log/\${title}.log
\`

const bench = role('bench', { ${body} })
export default playbook('bench', [play(bench, { hosts: everyone })])
`
}

function taskOf(item: Item): string {
  const call = (kind: string, spec: Readonly<Record<string, unknown>>): string => `${kind}(${JSON.stringify(spec)})`
  const mode = (text: string): number => Number.parseInt(text, 8)
  switch (item.kind) {
    case 'directory': return call('directory', { path: item.path, mode: mode(item.mode) })
    case 'file': return call('file', { path: item.path, mode: mode(item.mode), content: item.content })
    case 'template': return `file({ path: ${JSON.stringify(item.path)}, mode: 0o${item.mode}, content: server(${JSON.stringify(item.values)}) })`
    case 'copy': return call('copy', { source: item.source, path: item.path, mode: mode(item.mode) })
    case 'symlink': return call('symlink', { path: item.path, target: item.to })
    case 'group': return call('group', { name: item.name, gid: item.gid })
    case 'user': return call('user', { name: item.name, uid: item.uid, group: item.group, home: item.home, shell: item.shell, createHome: false })
    case 'line': return call('lineInFile', { path: item.path, match: `^${item.key}`, line: item.line })
    case 'unit': return call('systemdUnit', { name: item.name, content: item.content })
    case 'service': return call('service', { name: item.name, state: 'running', enabled: true })
    case 'package': return call('pkg', { name: item.name })
    case 'command': return `command({ run: sh\`${item.run.replaceAll('\\', '\\\\')}\`, creates: ${JSON.stringify(item.creates)} })`
  }
}
