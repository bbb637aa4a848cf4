import { absent, modifies, value, type Change } from '../model/change.ts'
import { sh } from '../model/command.ts'
import { resource } from '../model/resource.ts'
import { attributeChanges, checkAttributes, modeWord, ownerWord, type Attributes } from './attributes.ts'
import { namedPath, targetPath } from './path.ts'
import { lookAt, parsePathState, sharesOf, type PathState } from './path-state.ts'
import { settledPath } from './settled.ts'
import { fileShell } from './staged-file.ts'
import { onPath, turnsBelow, turnsFile } from './turning.ts'

/** A directory with these attributes. */
export interface DirectoryPresent extends Attributes {
  /** Absolute path on the target. */
  readonly path: string
  readonly state?: 'present'
  /** Default 0o755. */
  readonly mode?: number
  /** Default: as it is; for a new directory the user the task runs as. */
  readonly owner?: string | number
  readonly group?: string | number
  readonly recurse?: undefined
}

/** No directory at this path. */
export interface DirectoryAbsent {
  readonly path: string
  readonly state: 'absent'
  /** Remove it with all that is in it. Default false: one that is not empty is a `destroys` change, which needs `--allow-destroy HOST`. */
  readonly recurse?: boolean
}

interface DirectoryState {
  readonly at: PathState
  /** How many entries it has; looked at only where it is to go. */
  readonly entries: number
}

const DEFAULT_MODE = 0o755

/** Directories without which a machine is none: never removed, whatever the flags. */
const VITAL = new Set('/bin /boot /dev /etc /home /lib /lib32 /lib64 /media /mnt /opt /proc /root /run /sbin /srv /sys /tmp /usr /usr/bin /usr/lib /usr/sbin /var /var/lib /var/log'.split(' '))

/**
 * A directory: its mode and owner, or its absence. What is in it is not looked at.
 *
 * Missing parents are made, with mode 0755 and the user the task runs as (install(1) does so too; Ansible's `file` gives them the mode of the last).
 * A symbolic link to a directory counts as that directory if root or the user of the task made it; of anyone else it is refused.
 *
 * Removing one that is not empty is a `destroys` change: permitted with `recurse: true`, refused otherwise. Refused in any case: mount points at or
 * below it, symbolic links, and the directories of the system itself.
 *
 * Fails: something that is no directory is at the path or on the way to it. Check mode reads only. Sources: mkdir(2), chmod(1), proc(5).
 *
 * @throws TypeError when path, mode or owner is none, or the path is a directory of the system that is to go.
 */
export const directory = resource<DirectoryPresent | DirectoryAbsent, DirectoryState>({
  kind: 'directory',
  id: spec => targetPath(spec.path).whole,
  helpers: fileShell,

  probe(spec) {
    if (spec.state === 'absent') return probeOfRemoval(spec.path)
    checkAttributes(spec)
    const path = targetPath(spec.path)
    const command = sh`set -eu
tsp_enter ${path.whole} || { echo absent; exit 0; }
${lookAt('.', { type: 'attributes' })}`
    return { command, shares: sharesOf(path, { type: 'attributes' }, 'directory') }
  },

  parse({ stdout }, spec) {
    const at = parsePathState(stdout)
    const entries = spec.state === 'absent' && at.type === 'directory' ? Number(stdout.trimEnd().split('\n').at(-1)) : 0
    return { at, entries }
  },

  plan({ spec, state: { at, entries } }) {
    if (spec.state === 'absent') return at.type === 'absent' ? [] : [removal(entries, spec.recurse ?? false)]
    const changes = attributeChanges({ ...spec, mode: spec.mode ?? DEFAULT_MODE }, at.type === 'directory' ? at : undefined)
    return at.type === 'absent' ? [modifies('state', absent, value('directory')), ...changes] : changes
  },

  effects: ({ path, state }) => onPath(path, state === 'absent' ? 'tree' : 'name'),
  // One that is missing is made along with what is declared below it, and one that is to go holds it.
  turnedBy: ({ spec, state: { at } }, effect) => (spec.state === 'absent' || at.type === 'absent' ? turnsBelow(effect, spec.path) : turnsFile(effect, spec, at)),

  settled: ({ spec, state: { at } }) => (spec.state === 'absent' ? ['absent\n'] : settledPath({ what: 'directory attributes', attributes: { ...spec, mode: spec.mode ?? DEFAULT_MODE }, content: '' }, at)),

  apply({ spec, state: { entries } }) {
    if (spec.state !== 'absent') {
      return sh`set -eu
tsp_make ${targetPath(spec.path).whole}
tsp_dress . ${ownerWord(spec)} ${modeWord({ mode: spec.mode ?? DEFAULT_MODE })}`
    }
    const { directory: parent, name } = namedPath(spec.path)
    const here = `./${name}`
    // rmdir has its own eyes: what was empty when looked at and is not any more stays.
    if (entries === 0) return sh`set -eu
tsp_enter_for ${parent}
rmdir ${here}`
    return sh`set -eu
tsp_enter_for ${parent}
[ ! -L ${here} ] || tsp_refuse ${name}" is a symbolic link now"
tsp_no_mounts "\${PWD%/}"/${name}
rm -rf ${here}`
  },
})

function probeOfRemoval(path: string) {
  const { whole, directory: parent, name } = namedPath(path)
  if (VITAL.has(whole)) throw new TypeError(`${whole} is a directory of the system and is never removed`)
  const here = `./${name}`
  return sh`set -eu
tsp_enter ${parent} || { echo absent; exit 0; }
tsp_type_of ${here}
case $tsp_type in
  absent) echo absent; exit 0 ;;
  directory) ;;
  *) tsp_refuse ${whole}" is a $tsp_type, not a directory. To remove it, use that kind of resource." ;;
esac
tsp_no_mounts "\${PWD%/}"/${name}
${lookAt(name, { type: 'attributes' })}
tsp_entries ${here}`
}

function removal(entries: number, recurse: boolean): Change {
  if (entries === 0) return modifies('state', value('directory'), absent)
  const things = entries === 1 ? 'one entry' : `${entries} entries`
  return {
    effect: 'destroys', attribute: 'state', from: value(`directory with ${things}`), to: absent, permitted: recurse,
    because: recurse ? 'recurse: true' : `it is not empty (${things}); say recurse: true if all of it may go`,
  }
}
