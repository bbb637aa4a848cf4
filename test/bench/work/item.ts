/** One thing that a host shall have, said once; each contender's playbook is written from it, and so is the verification. */
export type Item =
  | { readonly kind: 'directory'; readonly path: string; readonly mode: string }
  | { readonly kind: 'file'; readonly path: string; readonly mode: string; readonly content: string }
  | { readonly kind: 'template'; readonly path: string; readonly mode: string; readonly values: TemplateValues }
  /** A file of the controller. */
  | { readonly kind: 'copy'; readonly path: string; readonly mode: string; readonly source: string; readonly size: number; readonly sha256: string }
  | { readonly kind: 'symlink'; readonly path: string; readonly to: string }
  | { readonly kind: 'group'; readonly name: string; readonly gid: number }
  | { readonly kind: 'user'; readonly name: string; readonly uid: number; readonly group: string; readonly gid: number; readonly home: string; readonly shell: string }
  /** One line of a file that is there before: takes the place of the line that begins with `key`. */
  | { readonly kind: 'line'; readonly path: string; readonly key: string; readonly line: string }
  | { readonly kind: 'unit'; readonly name: string; readonly content: string }
  /** Runs, and comes up at boot. */
  | { readonly kind: 'service'; readonly name: string }
  /** There already. */
  | { readonly kind: 'package'; readonly name: string }
  | { readonly kind: 'command'; readonly run: string; readonly creates: string; readonly leaves: string }

export interface TemplateValues {
  readonly title: string
  readonly port: number
  readonly peers: readonly string[]
  readonly level: string
}

/** The template in Jinja, as Ansible and pyinfra have it. No line ends in a tag, so that their different defaults for white space do not matter. */
export const JINJA = `# {{ title }}: managed, do not edit
[server]
listen = 0.0.0.0:{{ port }}
workers = 4
{% for peer in peers %}peer = {{ peer }}:{{ port }};{% endfor %} # {{ peers | length }} in all
[log]
level = {{ level }}
file = /var/log/{{ title }}.log
`

/** The same for the others. */
export const rendered = ({ title, port, peers, level }: TemplateValues): string => `# ${title}: managed, do not edit
[server]
listen = 0.0.0.0:${port}
workers = 4
${peers.map(peer => `peer = ${peer}:${port};`).join('')} # ${peers.length} in all
[log]
level = ${level}
file = /var/log/${title}.log
`

/** Where everything goes that has a path of its own; emptied before a first run. */
export const ROOT = '/srv/bench'
/** A file that is there before, for lines. */
export const OPTIONS = '/etc/bench-options.conf'
export const optionsBefore = Array.from({ length: 20 }, (_, index) => `option${index} = default\n`).join('')
