import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { JINJA, type Item } from '../work/item.ts'
import type { Contender, Job } from './contender.ts'
import { inventory } from './inventory.ts'

export interface AnsibleSettings {
  readonly id: 'ansible' | 'ansible-pipelining' | 'mitogen'
  readonly title: string
  readonly version: string
  readonly program: string
  /** Folder of Mitogen's strategy plugins. */
  readonly mitogen?: string
}

/** One task a resource, as people write them; forks as many as hosts, and patience where many connect at once; the connection as Ansible ships it (ControlPersist, compression), strict host keys. */
export function ansible({ id, title, version, program, mitogen }: AnsibleSettings): Contender {
  return {
    id, title, version,
    async prepare(job) {
      await mkdir(join(job.folder, 'templates'), { recursive: true })
      await writeFile(join(job.folder, 'templates/server.ini.j2'), JINJA)
      await writeFile(join(job.folder, 'inventory.yaml'), inventory(job))
      await writeFile(join(job.folder, 'playbook.yaml'), playbookOf(job))
      await writeFile(join(job.folder, 'ansible.cfg'), `[defaults]
forks = ${job.endpoints.length}
host_key_checking = True
interpreter_python = /usr/bin/python3
nocows = 1
deprecation_warnings = False
timeout = 60
${mitogen === undefined ? '' : `strategy_plugins = ${mitogen}\nstrategy = mitogen_linear\n`}
[ssh_connection]
pipelining = ${id === 'ansible' ? 'False' : 'True'}
control_path_dir = ${join(job.folder, 'cp')}
`)
      const environment = { ANSIBLE_CONFIG: join(job.folder, 'ansible.cfg'), ANSIBLE_LOCAL_TEMP: join(job.folder, 'tmp'), ANSIBLE_NOCOLOR: '1' }
      return [{ argv: [program, '-i', 'inventory.yaml', 'playbook.yaml'], environment, folder: job.folder }]
    },
    async said(outputs) {
      const counts = outputs.flatMap(output => [...output.matchAll(/ changed=(\d+) /g)].map(match => Number(match[1])))
      return { changed: counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0), frames: undefined }
    },
  }
}

function playbookOf({ work }: Job): string {
  if (work.type === 'facts') return stringify([{ hosts: 'all', gather_facts: true, tasks: [] }])
  return stringify([{ hosts: 'all', gather_facts: false, tasks: work.items.map(item => ({ name: `${item.kind} ${'path' in item ? item.path : 'name' in item ? item.name : item.creates}`, ...taskOf(item) })) }])
}

function taskOf(item: Item): Readonly<Record<string, unknown>> {
  switch (item.kind) {
    case 'directory': return { 'ansible.builtin.file': { path: item.path, state: 'directory', mode: item.mode } }
    case 'file': return { 'ansible.builtin.copy': { content: item.content, dest: item.path, mode: item.mode } }
    case 'template': return { 'ansible.builtin.template': { src: 'server.ini.j2', dest: item.path, mode: item.mode }, vars: item.values }
    case 'copy': return { 'ansible.builtin.copy': { src: item.source, dest: item.path, mode: item.mode } }
    case 'symlink': return { 'ansible.builtin.file': { src: item.to, dest: item.path, state: 'link' } }
    case 'group': return { 'ansible.builtin.group': { name: item.name, gid: item.gid } }
    case 'user': return { 'ansible.builtin.user': { name: item.name, uid: item.uid, group: item.group, home: item.home, shell: item.shell, create_home: false } }
    case 'line': return { 'ansible.builtin.lineinfile': { path: item.path, regexp: `^${item.key}`, line: item.line } }
    case 'unit': return { 'ansible.builtin.copy': { content: item.content, dest: `/etc/systemd/system/${item.name}`, mode: '0644' } }
    case 'service': return { 'ansible.builtin.systemd_service': { name: item.name, state: 'started', enabled: true } }
    case 'package': return { 'ansible.builtin.apt': { name: item.name, state: 'present' } }
    case 'command': return { 'ansible.builtin.shell': { cmd: item.run, creates: item.creates } }
  }
}
