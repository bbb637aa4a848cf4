import { OPTIONS, ROOT, type Item } from './item.ts'

/** How many of each kind. */
export interface Mixture {
  readonly directories: number
  readonly files: number
  readonly templates: number
  readonly symlinks: number
  readonly groups: number
  readonly users: number
  readonly lines: number
  readonly services: number
  readonly packages: number
  readonly commands: number
}

export const HUNDRED: Mixture = { directories: 10, files: 26, templates: 16, symlinks: 10, groups: 4, users: 6, lines: 8, services: 4, packages: 4, commands: 8 }
export const THIRTY: Mixture = { directories: 3, files: 8, templates: 5, symlinks: 3, groups: 1, users: 2, lines: 3, services: 1, packages: 1, commands: 2 }

const PACKAGES = ['curl', 'sudo', 'less', 'procps'] as const
const unit = (index: number): string => `[Unit]
Description=Bench service ${index}
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
[Install]
WantedBy=multi-user.target
`

/** As a role is: folders first, then accounts, files, units and commands. A service is two resources: the unit and its state. */
export function mixed(of: Mixture): readonly Item[] {
  const folder = (index: number): string => (index % of.directories === 0 ? ROOT : `${ROOT}/d${index % of.directories}`)
  const group = (index: number): number => index % of.groups
  return [
    ...times(of.packages, index => ({ kind: 'package', name: PACKAGES[index % PACKAGES.length] ?? 'curl' }) as const),
    ...times(of.directories, index => ({ kind: 'directory', path: folder(index), mode: index % 3 === 2 ? '0750' : '0755' }) as const),
    ...times(of.groups, index => ({ kind: 'group', name: `bench-g${index}`, gid: 7100 + index }) as const),
    ...times(of.users, index => ({ kind: 'user', name: `bench-u${index}`, uid: 7200 + index, group: `bench-g${group(index)}`, gid: 7100 + group(index), home: `/nonexistent/u${index}`, shell: '/bin/sh' }) as const),
    ...times(of.files, index => ({ kind: 'file', path: `${folder(index)}/file${index}.conf`, mode: index % 4 === 3 ? '0600' : '0644', content: text(index) }) as const),
    ...times(of.templates, index => ({ kind: 'template', path: `${folder(index)}/server${index}.ini`, mode: '0644', values: { title: `server${index}`, port: 8000 + index, peers: times(index % 5 + 1, peer => `192.0.2.${peer + 1}`), level: 'info' } }) as const),
    ...times(of.symlinks, index => ({ kind: 'symlink', path: `${folder(index)}/link${index}`, to: `${folder(index)}/file${index % of.files}.conf` }) as const),
    ...times(of.lines, index => ({ kind: 'line', path: OPTIONS, key: `option${index} =`, line: `option${index} = ${index * 7 + 1}` }) as const),
    ...times(of.services, index => ({ kind: 'unit', name: `bench-s${index}.service`, content: unit(index) }) as const),
    ...times(of.services, index => ({ kind: 'service', name: `bench-s${index}.service` }) as const),
    ...times(of.commands, index => ({ kind: 'command', run: `printf 'made by %s\\n' command${index} >${ROOT}/made${index}`, creates: `${ROOT}/made${index}`, leaves: `made by command${index}\n` }) as const),
  ]
}

/** Twenty templates; in the second `generation` one of them says something else. */
export function templates(generation: 1 | 2): readonly Item[] {
  const level = (index: number): string => (generation === 2 && index === 7 ? 'debug' : 'info')
  return [
    { kind: 'directory', path: ROOT, mode: '0755' },
    ...times(20, index => ({ kind: 'template', path: `${ROOT}/server${index}.ini`, mode: '0644', values: { title: `server${index}`, port: 9000 + index, peers: times(8, peer => `192.0.2.${peer + 1}`), level: level(index) } }) as const),
  ]
}

/** 200 to 1,700 bytes with what shells, YAML and Jinja-free templates stumble over. */
function text(index: number): string {
  return `# file ${index}\n${times(4 + (index % 8) * 4, line => `key${line} = "value $HOME 'quoted' ${index}.${line}"\n`).join('')}`
}

function times<T>(count: number, make: (index: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, index) => make(index))
}
