import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { JINJA, type Item } from '../work/item.ts'
import type { Contender, Job } from './contender.ts'

export interface PyinfraSettings {
  readonly version: string
  readonly program: string
}

/** With its defaults: all hosts in parallel, its own SSH client, strict host keys. */
export function pyinfra({ version, program }: PyinfraSettings): Contender {
  return {
    id: 'pyinfra',
    title: 'pyinfra',
    version,
    async prepare(job) {
      await mkdir(job.folder, { recursive: true })
      await writeFile(join(job.folder, 'server.ini.j2'), JINJA)
      await writeFile(join(job.folder, 'inventory.py'), inventoryOf(job))
      await writeFile(join(job.folder, 'deploy.py'), deployOf(job))
      return [{ argv: [program, '-y', 'inventory.py', 'deploy.py'], environment: { NO_COLOR: '1', PYTHONWARNINGS: 'ignore' }, folder: job.folder }]
    },
    async said(outputs) {
      // The columns: operations, changed or successful, failed, without change.
      const totals = outputs.flatMap(output => [...output.matchAll(/Grand total +\d+ +(\d+|-)/g)].map(match => Number(match[1] === '-' ? 0 : match[1])))
      return { changed: totals[0], frames: undefined }
    },
  }
}

const text = (value: string): string => JSON.stringify(value)

function inventoryOf({ endpoints, keyFile, knownHosts }: Job): string {
  const rows = endpoints.map(({ name, address, port }) => `    (${text(name)}, {"ssh_hostname": ${text(address)}, "ssh_port": ${port}}),\n`).join('')
  return `hosts = ([\n${rows}], {"ssh_user": "root", "ssh_key": ${text(keyFile)}, "ssh_known_hosts_file": ${text(knownHosts)}, "ssh_strict_host_key_checking": "yes"})\n`
}

function deployOf({ work }: Job): string {
  const head = `from io import StringIO
from pyinfra import host
from pyinfra.facts import files as file_facts, hardware, server as server_facts
from pyinfra.operations import apt, files, server, systemd

`
  if (work.type === 'facts') return `${head}${FACTS.map(fact => `host.get_fact(${fact})\n`).join('')}`
  return `${head}${work.items.map(item => `${callOf(item)}\n`).join('')}`
}

const FACTS = ['server_facts.Kernel', 'server_facts.Arch', 'server_facts.Hostname', 'server_facts.LinuxDistribution', 'hardware.Memory', 'hardware.Cpus', 'server_facts.Mounts', 'hardware.NetworkDevices', 'server_facts.Users', 'server_facts.Date'] as const

function callOf(item: Item): string {
  const name = (label: string): string => `name=${text(`${item.kind} ${label}`)}`
  switch (item.kind) {
    case 'directory': return `files.directory(${name(item.path)}, path=${text(item.path)}, mode=${text(item.mode.slice(1))})`
    case 'file': return `files.put(${name(item.path)}, src=StringIO(${text(item.content)}), dest=${text(item.path)}, mode=${text(item.mode.slice(1))})`
    case 'template': return `files.template(${name(item.path)}, src="server.ini.j2", dest=${text(item.path)}, mode=${text(item.mode.slice(1))}, title=${text(item.values.title)}, port=${item.values.port}, peers=${JSON.stringify(item.values.peers)}, level=${text(item.values.level)})`
    case 'copy': return `files.put(${name(item.path)}, src=${text(item.source)}, dest=${text(item.path)}, mode=${text(item.mode.slice(1))})`
    case 'symlink': return `files.link(${name(item.path)}, path=${text(item.path)}, target=${text(item.to)})`
    case 'group': return `server.group(${name(item.name)}, group=${text(item.name)}, gid=${item.gid})`
    case 'user': return `server.user(${name(item.name)}, user=${text(item.name)}, uid=${item.uid}, group=${text(item.group)}, home=${text(item.home)}, shell=${text(item.shell)}, create_home=False, ensure_home=False)`
    case 'line': return `files.line(${name(item.line)}, path=${text(item.path)}, line=${text(`^${item.key}.*`)}, replace=${text(item.line)})`
    case 'unit': return `files.put(${name(item.name)}, src=StringIO(${text(item.content)}), dest=${text(`/etc/systemd/system/${item.name}`)}, mode="644")`
    case 'service': return `systemd.service(${name(item.name)}, service=${text(item.name)}, running=True, enabled=True)`
    case 'package': return `apt.packages(${name(item.name)}, packages=[${text(item.name)}])`
    case 'command': return `if not host.get_fact(file_facts.File, ${text(item.creates)}):\n    server.shell(${name(item.creates)}, commands=[${text(item.run)}])`
  }
}
