import { absent, modifies, value, type Change } from '../model/change.ts'
import { sh, type Command } from '../model/command.ts'
import { resource } from '../model/resource.ts'
import { configFileShell } from './config-file.ts'
import { onPath, turnsBelow } from './turning.ts'

export interface SysctlSpec {
  /** `net.ipv4.ip_forward`, or with slashes where a name holds a dot: `net/ipv4/conf/eth0.100/forwarding` (sysctl.d(5)). */
  readonly key: string
  /** Several numbers are compared without regard to the white space between them. */
  readonly value: string | number
  /** Raise only: higher values are left alone, and where the kernel's own is high enough nothing is persisted. Numbers only. Default false. */
  readonly atLeast?: boolean
  /** A `.conf` file in /etc/sysctl.d; default `/etc/sysctl.d/99-ts-play.conf`. Only the key's own lines in it are ours. */
  readonly file?: string
}

interface SysctlState {
  readonly live: string
  /** What systemd-sysctl will set at the next boot, and the file that says so. */
  readonly persisted: { readonly file: string; readonly value: string } | undefined
}

/** sysctl.d(5): files of all folders in the order of their names; of several with one name the one in the first folder. */
const FOLDERS = ['/etc/sysctl.d', '/run/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d', '/lib/sysctl.d']

/**
 * A kernel parameter, as it is now (`live`) and after the next boot (`persisted`).
 *
 * `persisted` follows sysctl.d(5) through every file on the host: set by the distribution is set, and a later file that says otherwise shows as the
 * difference, with its name. A key that the kernel does not have fails the probe (check mode: unknown): its module is missing.
 *
 * @throws TypeError for a key, value or file that sysctl.d cannot hold
 */
export const sysctl = resource<SysctlSpec, SysctlState>({
  kind: 'sysctl',
  id: spec => spec.key,
  helpers: `${configFileShell}
# tsp_sysctl PATH LAST: the value, the files that may set it, and their lines with the key's last part. Two forks: roles have many of these.
tsp_sysctl() {
  echo live
  # Not with the shell's own read: it asks for one byte, and most of these files give nothing after the first answer.
  cat "/proc/sys/$1"
  echo files
  set -- "$2" ${FOLDERS.map(folder => `${folder}/*.conf`).join(' ')}
  tsp_last=$1
  shift
  for tsp_file; do if [ -e "$tsp_file" ]; then printf '%s\\n' "$tsp_file"; fi; done
  echo lines
  grep -sF -e "$tsp_last" "$@" /dev/null || :
}
`,
  probe(spec) {
    const path = checked(spec)
    return sh`set -eu
[ -e ${`/proc/sys/${path}`} ] || {
  echo ${`this kernel has no ${spec.key}: load the module that provides it first (kernelModule), or leave the key out`} >&2
  exit 1
}
tsp_sysctl ${path} ${path.slice(path.lastIndexOf('/') + 1)}
`
  },
  parse({ stdout }, spec) {
    const match = /^live\n([^]*?)\nfiles\n([^]*?)^lines\n([^]*)$/m.exec(stdout)
    if (match === null) throw new Error('expected the value, the files and the lines')
    const [, live = '', files = '', lines = ''] = match
    return { live: tidy(live), persisted: persistedIn(files.split('\n'), lines.split('\n'), pathOf(spec.key)) }
  },
  plan({ spec, state: { live, persisted } }) {
    const wanted = tidy(String(spec.value))
    const suits = (is: string): boolean => (spec.atLeast === true ? raised(is, wanted) === is : is === wanted)
    const enough = persisted === undefined ? spec.atLeast === true && suits(live) : suits(persisted.value)
    const changes: Change[] = []
    if (!suits(live)) changes.push(modifies('live', value(live), value(spec.atLeast === true ? raised(live, wanted) : wanted)))
    if (!enough) changes.push(modifies('persisted', persisted === undefined ? absent : value(`${persisted.value} (${persisted.file})`), value(`${wanted} (${fileOf(spec)})`)))
    return changes
  },
  effects: spec => [...onPath(fileOf(spec), 'line'), ...onPath(`/proc/sys/${pathOf(spec.key)}`)],
  turnedBy: (_found, effect) => FOLDERS.some(folder => turnsBelow(effect, folder)) && !(effect.type === 'path' && effect.part === 'line'),
  apply({ spec, state, changes }) {
    const path = pathOf(spec.key)
    const wanted = tidy(String(spec.value))
    const differs = new Set(changes.map(change => change.attribute))
    const live = spec.atLeast === true ? raised(state.live, wanted) : wanted
    const line = differs.has('persisted') ? persist(fileOf(spec), path, `${spec.key} = ${wanted}`) : sh``
    const write = differs.has('live') ? sh`printf '%s\\n' ${live} >${`/proc/sys/${path}`} || { echo ${`the kernel does not take ${live} for ${spec.key}`} >&2; exit 1; }\n` : sh``
    // A value that the kernel refuses is not persisted. With `atLeast` the file comes first: once the live value is high enough nobody would miss its line.
    return spec.atLeast === true ? sh`set -eu\n${line}${write}` : sh`set -eu\n${write}${line}`
  },
})

/** Puts the line in the place of every line that sets the key. */
function persist(file: string, path: string, line: string): Command {
  return sh`tsp_lines=$(cat ${file} 2>/dev/null || echo '# kernel parameters set by ts-play') || :
tsp_lines=$(printf '%s\\n' "$tsp_lines" | awk -v path=${path} ${LINES_OF_OTHER_KEYS})
printf '%s\\n' "$tsp_lines" ${line} | tsp_put ${file}
`
}

const LINES_OF_OTHER_KEYS = String.raw`
function keyPath(key) {
  gsub(/^[ \t]*-?[ \t]*|[ \t]+$/, "", key)
  if (match(key, /[.\/]/) && substr(key, RSTART, 1) == ".") { gsub(/\//, "\001", key); gsub(/\./, "/", key); gsub(/\001/, ".", key) }
  return key
}
/^[ \t]*[#;]/ || !index($0, "=") || keyPath(substr($0, 1, index($0, "=") - 1)) != path { print }
`

function persistedIn(files: readonly string[], lines: readonly string[], path: string): SysctlState['persisted'] {
  const nameOf = (file: string): string => file.slice(file.lastIndexOf('/') + 1)
  const inForce = new Map<string, string>()
  for (const file of files) if (file !== '' && !inForce.has(nameOf(file))) inForce.set(nameOf(file), file)
  let last: SysctlState['persisted']
  for (const line of lines) {
    const found = /^(\/[^:]*\.conf):\s*-?\s*([^=#;\s][^=]*?)\s*=(.*)$/.exec(line)
    if (found === null) continue
    const [, file = '', key = '', set = ''] = found
    if (pathOf(key) !== path || inForce.get(nameOf(file)) !== file) continue
    if (last === undefined || nameOf(file) >= nameOf(last.file)) last = { file, value: tidy(set) }
  }
  return last
}

/** Each number at least as high as wanted. */
function raised(is: string, wanted: string): string {
  const found = is.split(' ')
  return wanted.split(' ').map((number, index) => (BigInt(found[index] ?? number) > BigInt(number) ? found[index] : number)).join(' ')
}

function tidy(shown: string): string {
  return shown.trim().replaceAll(/\s+/g, ' ')
}

/** Below /proc/sys. Which of `.` and `/` comes first is the separator; the other one then is part of a name. */
function pathOf(key: string): string {
  return /^[^.]*\//.test(key) ? key : key.replaceAll(/[./]/g, found => (found === '.' ? '/' : '.'))
}

function fileOf({ file = '/etc/sysctl.d/99-ts-play.conf' }: SysctlSpec): string {
  return file
}

function checked(spec: SysctlSpec): string {
  const path = pathOf(spec.key)
  const wanted = tidy(String(spec.value))
  if (!/^[a-zA-Z0-9_]+(\/[a-zA-Z0-9_.:@-]+)+$/.test(path) || path.split('/').includes('..')) throw new TypeError(`${JSON.stringify(spec.key)} is no kernel parameter`)
  if (!/^\/etc\/sysctl\.d\/[A-Za-z0-9_.@-]+\.conf$/.test(fileOf(spec))) throw new TypeError(`${JSON.stringify(spec.file)} is no .conf file in /etc/sysctl.d`)
  if (wanted === '') throw new TypeError(`${spec.key} needs a value`)
  if (spec.atLeast === true && !/^-?\d+( -?\d+)*$/.test(wanted)) throw new TypeError(`${spec.key}: atLeast compares numbers, got ${JSON.stringify(wanted)}`)
  return path
}
