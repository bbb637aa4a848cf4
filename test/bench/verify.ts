import { createHash } from 'node:crypto'
import { OPTIONS, optionsBefore, rendered, ROOT, type Item } from './work/item.ts'

/** What is looked at on a host after a run, by nobody's playbook: a script that prints one line a thing, and the lines it has to print. */
export interface Verification {
  readonly script: string
  readonly expected: readonly string[]
}

/** Every item of the work, and that nothing else lies in its folder (a backup, a temporary file). */
export function verification(items: readonly Item[]): Verification {
  const looks = items.map(look)
  const paths = items.flatMap(item => ('path' in item && item.path.startsWith(`${ROOT}/`) ? [item.path] : item.kind === 'command' ? [item.creates] : item.kind === 'directory' ? [item.path] : []))
  const listing = { script: `find ${ROOT} | LC_ALL=C sort | sha256sum`, expected: `${sha256([...new Set([ROOT, ...paths])].toSorted(byBytes).map(path => `${path}\n`).join(''))}  -` }
  const lines = items.flatMap(item => (item.kind === 'line' ? [item] : []))
  const options = { script: `sha256sum <${OPTIONS}`, expected: `${sha256(lines.reduce((text, { key, line }) => text.replace(new RegExp(`^${key}.*$`, 'm'), line), optionsBefore))}  -` }
  const all = [...looks.flat(), listing, ...(lines.length > 0 ? [options] : [])]
  // What cannot be looked at is a line as well: what comes after it stays where it belongs.
  return { script: all.map(({ script }) => `{ ${script}; } 2>&1 || echo failed\n`).join(''), expected: all.map(({ expected }) => expected) }
}

/** What differs, in words; empty where all is as it has to be. */
export function differences({ script, expected }: Verification, output: string): readonly string[] {
  const found = output.trimEnd().split('\n')
  const asked = script.trimEnd().split('\n')
  const wrong = expected.flatMap((line, index) => (found[index] === line ? [] : [`${asked[index]}: expected ${line}, got ${found[index] ?? 'nothing'}`]))
  return found.length > expected.length && wrong.length === 0 ? [`more was printed than expected: ${found.slice(expected.length).join(', ')}`] : wrong
}

/** Puts a host back to before the first run. */
export function resetScript(items: readonly Item[]): string {
  const units = items.flatMap(item => (item.kind === 'unit' ? [item.name] : []))
  return [
    `rm -rf ${ROOT}`,
    `cat >${OPTIONS} <<'END'\n${optionsBefore}END`,
    ...(units.length === 0 ? [] : [`systemctl -q disable --now ${units.join(' ')} 2>/dev/null`, `cd /etc/systemd/system && rm -f ${units.join(' ')}`, 'systemctl daemon-reload']),
    ...items.flatMap(item => (item.kind === 'user' ? [`! getent passwd ${item.name} >/dev/null || userdel ${item.name} 2>/dev/null`] : [])),
    ...items.flatMap(item => (item.kind === 'group' ? [`! getent group ${item.name} >/dev/null || groupdel ${item.name}`] : [])),
    'sync',
    'true',
  ].map(line => `${line}\n`).join('')
}

interface Line {
  readonly script: string
  readonly expected: string
}

function look(item: Item): readonly Line[] {
  const stat = (path: string, type: string, mode: string): Line => ({ script: `stat -c '%F %a %U:%G' ${path}`, expected: `${type} ${mode.slice(1)} root:root` })
  const content = (path: string, sum: string): Line => ({ script: `sha256sum <${path}`, expected: `${sum}  -` })
  switch (item.kind) {
    case 'directory': return [stat(item.path, 'directory', item.mode)]
    case 'file': return [stat(item.path, 'regular file', item.mode), content(item.path, sha256(item.content))]
    case 'template': return [stat(item.path, 'regular file', item.mode), content(item.path, sha256(rendered(item.values)))]
    case 'copy': return [stat(item.path, 'regular file', item.mode), content(item.path, item.sha256)]
    case 'symlink': return [{ script: `readlink ${item.path}`, expected: item.to }]
    case 'group': return [{ script: `getent group ${item.name}`, expected: `${item.name}:x:${item.gid}:` }]
    case 'user': return [{ script: `getent passwd ${item.name}`, expected: `${item.name}:x:${item.uid}:${item.gid}::${item.home}:${item.shell}` }]
    case 'line': return [{ script: `grep -cxF '${item.line}' ${item.path}`, expected: '1' }]
    case 'unit': return [stat(`/etc/systemd/system/${item.name}`, 'regular file', '0644'), content(`/etc/systemd/system/${item.name}`, sha256(item.content))]
    case 'service': return [{ script: `echo $(systemctl is-active ${item.name}) $(systemctl is-enabled ${item.name})`, expected: 'active enabled' }]
    case 'package': return [{ script: `dpkg-query -W -f '\${db:Status-Status}\\n' ${item.name}`, expected: 'installed' }]
    case 'command': return [content(item.creates, sha256(item.leaves))]
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
