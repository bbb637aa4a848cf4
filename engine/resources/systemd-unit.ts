import { absent, modifies, value, type Change } from '../model/change.ts'
import { raw, sh, type Command } from '../model/command.ts'
import { resource } from '../model/resource.ts'
import { attributeChanges } from './attributes.ts'
import { journalWritten } from './journal.ts'
import { DIFF_BYTES, lookAt, parsePathState, sharesOf, type Depth, type PathState } from './path-state.ts'
import { namedPath, type TargetPath } from './path.ts'
import { contentChanges } from './shown-content.ts'
import { settledPath } from './settled.ts'
import { fileShell, sha256, writeFile } from './staged-file.ts'
import { unitName } from './systemd-unit-name.ts'
import { turnsPath } from './turning.ts'
import { PROPERTIES, sharesUnit, unitShell } from './unit-shell.ts'

interface Named {
  /** `etcd`, or with its type: `backup.timer`. A drop-in names the unit that it changes. */
  readonly name: string
  /** Name of a drop-in, without `.conf`: `/etc/systemd/system/NAME.d/DROPIN.conf` instead of the unit itself. */
  readonly dropIn?: string
}
export type SystemdUnitSpec = Named & (
  /** The whole file; readable by all users of the host, so no secrets. */
  | { readonly state?: 'present'; readonly content: string }
  /** Does not stop the unit: let a `service` do that before. */
  | { readonly state: 'absent'; readonly content?: undefined }
)

interface UnitState {
  readonly file: PathState
  /** systemd has read an older version of the unit's files. */
  readonly stale: boolean
  /** systemd's LoadState: `loaded`, `bad-setting`, …; empty where it has not asked for the unit, and for templates. */
  readonly load: string
}

/** Load states of a unit whose files systemd has read and will not use. */
const REFUSED = ['bad-setting', 'error']

/** What unit files have everywhere; they hold no secrets. */
const WANTED = { mode: 0o644, owner: 0, group: 0 }

/**
 * A unit file or a drop-in of root in /etc/systemd/system (systemd.unit(5)), and that systemd has read it.
 *
 * The file is replaced in one rename and followed by `daemon-reload` where systemd has read an older one. Files that changed without one are a change of their own, `daemon-reload`;
 * a unit that systemd does not understand is one too, `load`, and fails. Nothing is started or restarted: notify a handler.
 * Check mode compares the file and asks systemd, both read only.
 */
export const systemdUnit = resource<SystemdUnitSpec, UnitState>({
  kind: 'systemd-unit',
  id: spec => pathOf(spec).whole,
  helpers: `${fileShell}${unitShell}`,
  probe(spec) {
    const path = pathOf(spec)
    const depth: Depth = { type: 'hash', unless: sha256(spec.content ?? ''), textUpTo: DIFF_BYTES }
    // Of a template only instances are loaded.
    const unit = unitName(spec.name).replace('@.', '@*.')
    const command = sh`set -eu
tsp_unit_show ${unit} LoadState NeedDaemonReload
echo file
if tsp_enter ${path.directory}; then ${lookAt(path.name, depth)}; else echo absent; fi
`
    return { command, shares: [...sharesUnit(unit), ...sharesOf(path, depth)] }
  },
  parse({ stdout }) {
    const match = /^file\n/m.exec(stdout)
    if (match === null) throw new Error('expected properties of the unit, then its file')
    const shown = stdout.slice(0, match.index)
    const loads = [...shown.matchAll(/^LoadState=(.*)$/gm)].map(([, load = '']) => load)
    return {
      file: parsePathState(stdout.slice(match.index + match[0].length)),
      stale: shown.includes('NeedDaemonReload=yes'),
      load: loads.find(load => REFUSED.includes(load)) ?? loads[0] ?? '',
    }
  },
  plan({ spec, state: { file, stale, load } }) {
    const changes: Change[] = []
    if (spec.state === 'absent') {
      if (file.type !== 'absent') changes.push(modifies('state', value(file.type), absent))
    } else {
      changes.push(...contentChanges(spec.content, file), ...attributeChanges(WANTED, file.type === 'file' ? file : undefined))
      if (changes.length === 0 && REFUSED.includes(load)) changes.push(modifies('load', value(load), value('loaded')))
    }
    if (stale) changes.push(modifies('daemon-reload', value('changed since systemd read it'), value('read')))
    return changes
  },
  effects: spec => [{
    type: 'unit',
    name: unitName(spec.name),
    path: pathOf(spec).whole,
    becomes: /^\[Install\]/m.test(spec.content ?? '') ? 'installable' : spec.dropIn !== undefined ? 'as it was' : spec.state === 'absent' ? 'gone' : 'static',
  }],
  // Whoever brings about a unit lets systemd read all of them.
  turnedBy: ({ spec, state: { file, stale, load } }, effect) =>
    turnsPath(effect, pathOf(spec).whole, file) || ((stale || REFUSED.includes(load)) && (effect.type === 'unit' || effect.type === 'anything')),
  settled({ spec, state: { file } }) {
    // Of a template each instance that is loaded is told.
    if (spec.state === 'absent' || unitName(spec.name).includes('@.')) return undefined
    const { content } = spec
    const then = settledPath({ what: 'file hash', attributes: WANTED, bytes: Buffer.byteLength(content), content: `${sha256(content)} -\n` }, file)
    return [`LoadState=loaded\nNeedDaemonReload=no\nfile\n${then[0] ?? ''}`, ...then.slice(1)]
  },
  apply({ spec, state, changes }) {
    const target = pathOf(spec)
    const unit = unitName(spec.name)
    if (spec.state === 'absent') {
      return sh`set -eu
rm -f ${target.whole}
${spec.dropIn === undefined ? raw('') : sh`rmdir ${target.directory} 2>/dev/null || :`}
systemctl daemon-reload
`
    }
    const write = changes.some(({ attribute }) => ['content', 'mode', 'owner', 'group'].includes(attribute))
    const written = writeFile({ target, found: state.file, attributes: WANTED, content: spec.content })
    const check: Command = unit.includes('@.') ? sh`` : sh`case $(systemctl show -p LoadState -- ${unit}) in
  *=bad-setting|*=error)
    echo ${`systemd does not understand ${target.whole}:`} >&2
    systemctl show -p LoadError -- ${unit} >&2
    ${raw(journalWritten)}
    journalctl -q --no-pager -n 5 -u ${unit} >&2 || :
    exit 1 ;;
esac
`
    // A unit that systemd has not loaded is read when it is asked for; reading all units again takes a while on a host with many. It does not notice a new
    // drop-in, nor a new file in the place of one elsewhere: that one it has loaded.
    const isRead = sh`tsp_shown=${'\n'}$(systemctl show ${raw(PROPERTIES.map(property => `-p ${property}`).join(' '))} -p FragmentPath -- ${unit})${'\n'}
case $tsp_shown in *NeedDaemonReload=no*) case $tsp_shown in *LoadState=loaded*) case $tsp_shown in *${`FragmentPath=${target.whole}\n`}*) tsp_unit_note ${unit}; exit 0 ;; esac ;; esac ;; esac`
    const mayBeRead = spec.dropIn === undefined && !unit.includes('@.') && changes.every(({ attribute }) => attribute !== 'daemon-reload')
    return {
      command: sh`set -eu
${write ? sh`[ -d ${target.directory} ] || (umask 022 && mkdir -p ${target.directory})
(
${written.command}
)` : raw('')}
${mayBeRead ? isRead : raw('')}
systemctl daemon-reload
${check}`,
      ...(write && written.stdin !== undefined ? { stdin: written.stdin } : {}),
    }
  },
})

function pathOf({ name, dropIn }: Named): TargetPath {
  if (dropIn !== undefined && !/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(dropIn)) throw new TypeError(`${JSON.stringify(dropIn)} is no name of a drop-in`)
  return namedPath(`/etc/systemd/system/${unitName(name)}${dropIn === undefined ? '' : `.d/${dropIn}.conf`}`)
}
