import { absent, modifies, value, type Shown } from '../model/change.ts'
import { sh } from '../model/command.ts'
import { resource } from '../model/resource.ts'
import { namedPath } from './path.ts'
import { lookAt, parsePathState, sharesOf, type PathState } from './path-state.ts'
import { settledPath } from './settled.ts'
import { fileShell, stagingTag } from './staged-file.ts'
import { onPath, turnsPath } from './turning.ts'

/** A symbolic link. */
export interface SymlinkPresent {
  /** Absolute path of the link on the target. */
  readonly path: string
  readonly state?: 'present'
  /** What it points to, as it is written into the link: absolute, or relative to the link's directory. It need not exist. */
  readonly target: string
}

/** No symbolic link at this path. */
export interface SymlinkAbsent {
  readonly path: string
  readonly state: 'absent'
}

/**
 * A symbolic link and what it points to, or its absence. A link that points elsewhere is replaced by one rename(2): there is no moment without it.
 *
 * Fails where a file or directory is at the path: nothing but a link is replaced or removed. Links on the way to it are treated as for `file`.
 * Check mode reads only. Source: symlink(7).
 *
 * @throws TypeError when path or target is none.
 */
export const symlink = resource<SymlinkPresent | SymlinkAbsent, PathState>({
  kind: 'symlink',
  id: spec => namedPath(spec.path).whole,
  helpers: fileShell,

  probe(spec) {
    const path = namedPath(spec.path)
    const { whole, directory, name } = path
    if (spec.state !== 'absent') checkTarget(spec.target)
    const command = sh`set -eu
tsp_enter ${directory} || { echo absent; exit 0; }
tsp_type_of ${`./${name}`}
case $tsp_type in file | directory | special) tsp_refuse ${whole}" is a $tsp_type, not a symbolic link. Remove it first, or name another path." ;; esac
${lookAt(name, { type: 'attributes' })}`
    return { command, shares: sharesOf(path, { type: 'attributes' }, 'symlink') }
  },

  parse: output => parsePathState(output.stdout),

  plan({ spec, state }) {
    const from: Shown = state.type === 'symlink' ? value(state.target) : absent
    if (spec.state === 'absent') return state.type === 'absent' ? [] : [modifies('target', from, absent)]
    return state.type === 'symlink' && state.target === spec.target ? [] : [modifies('target', from, value(spec.target))]
  },

  // What is reached through it is another thing from then on.
  effects: ({ path }) => onPath(path, 'tree'),
  turnedBy: ({ spec, state }, effect) => turnsPath(effect, spec.path, state),

  settled: ({ spec, state }) => (spec.state === 'absent' ? ['absent\n'] : settledPath({ what: 'symlink attributes', attributes: {}, content: spec.target }, state)),

  apply({ spec, state }) {
    const { directory, name } = namedPath(spec.path)
    const here = `./${name}`
    if (spec.state === 'absent') return sh`set -eu
tsp_enter_for ${directory}
[ -L ${here} ] || tsp_refuse ${name}" is no symbolic link any more"
rm -f ${here}`
    // symlink(2) makes it whole or not at all, and nothing in its place; a program that finds a directory there would make one within.
    if (state.type === 'absent') return sh`set -eu
tsp_enter_for ${directory}
ln -sT -- ${spec.target} ${here}
tsp_label "\${PWD%/}"/${name}`
    return sh`set -eu
tsp_enter_for ${directory}
tsp_stage ${stagingTag(name)}
ln -s -- ${spec.target} ${here}
tsp_commit ${name} '' ''`
  },
})

function checkTarget(target: string): void {
  const problem = target === '' ? 'must not be empty' : target.includes('\0') ? 'must not contain a NUL byte' : Buffer.byteLength(target) > 4095 ? 'is longer than 4095 bytes' : undefined
  if (problem) throw new TypeError(`target ${problem}, got ${JSON.stringify(target)}`)
}
