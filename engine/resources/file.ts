import { absent, modifies, value } from '../model/change.ts'
import { sh, type Command } from '../model/command.ts'
import { resource } from '../model/resource.ts'
import { Secret } from '../model/secret.ts'
import { attributeChanges, checkAttributes, managed, type Attributes } from './attributes.ts'
import { mendsInPlace, probeFile } from './file-probe.ts'
import { namedPath } from './path.ts'
import { DIFF_BYTES, parsePathState, type PathState } from './path-state.ts'
import { settledPath } from './settled.ts'
import { contentChanges } from './shown-content.ts'
import { claimed, dressed, fileShell, sha256, writeFile } from './staged-file.ts'
import { onPath, turnsFile } from './turning.ts'

/** A file with this content. */
export interface FilePresent extends Attributes {
  /** Absolute path on the target. */
  readonly path: string
  readonly state?: 'present'
  /** The whole content; sent as UTF-8. A secret is never shown, nor is what was there before it. */
  readonly content: string | Secret<string>
  /** Default 0o644; 0o600 where the content is a secret. */
  readonly mode?: number
  /** Default: as it is; for a new file the user the task runs as. */
  readonly owner?: string | number
  readonly group?: string | number
  /**
   * Judges the new file before that is in its place: sh`visudo -cf`. Its last word is the path of the file, under its own name in a directory that only the
   * user of the task may enter. If it exits non-zero, nothing is changed.
   */
  readonly validate?: Command
  /** Keep the old file beside the new one, as `NAME.YYYYMMDDTHHMMSSZ~`. Default false. */
  readonly backup?: boolean
}

/** No file and no symbolic link at this path. */
export interface FileAbsent {
  readonly path: string
  readonly state: 'absent'
}

/**
 * A file: its content, mode and owner, or its absence.
 *
 * A change of content, and any change in a directory that others can write, makes a new file: it has content, mode and owner before it has its
 * name, and comes into being with one rename(2). So a reader sees the old or the new one, never half; hard links, ACLs and extended
 * attributes of the old one stay behind. A bind-mounted file cannot be renamed over (EBUSY) and is overwritten instead.
 *
 * A symbolic link at the path is replaced by a file, as Ansible's `copy` does, and what it points to is left alone. A symbolic link on the way to
 * the path is followed if root or the user of the task made it, and refused otherwise.
 *
 * Fails: a directory or device is at the path; its directory is missing; `validate` refuses; the disk is full. Check mode reads only; where there
 * is something to validate it says that it did not. Sources: rename(2), path_resolution(7).
 *
 * @throws TypeError when path, mode or owner is none.
 */
export const file = resource<FilePresent | FileAbsent, PathState>({
  kind: 'file',
  validates: spec => 'validate' in spec && spec.validate !== undefined,
  id: spec => namedPath(spec.path).whole,
  helpers: fileShell,

  probe(spec) {
    const target = namedPath(spec.path)
    if (spec.state === 'absent') return probeFile(target, { type: 'attributes' })
    checkAttributes(spec)
    if (spec.content instanceof Secret) {
      return { ...probeFile(target, { type: 'compare' }), stdin: spec.content.map(content => `${sha256(content)}\n`) }
    }
    return probeFile(target, { type: 'hash', unless: sha256(spec.content), textUpTo: DIFF_BYTES })
  },

  parse: output => parsePathState(output.stdout),

  plan({ spec, state }) {
    if (spec.state === 'absent') return state.type === 'absent' ? [] : [modifies('state', value(state.type), absent)]
    const found = state.type === 'file' ? state : undefined
    const attributes = managed(spec, defaultMode(spec))
    return [...contentChanges(spec.content, state), ...attributeChanges(attributes, found), ...claimed({ found: state, attributes, secret: spec.content instanceof Secret })]
  },

  effects: ({ path }) => onPath(path),
  turnedBy: ({ spec, state }, effect) => turnsFile(effect, spec, state),

  settled({ spec, state }) {
    if (spec.state === 'absent') return ['absent\n']
    const attributes = managed(spec, defaultMode(spec))
    if (spec.content instanceof Secret) return settledPath({ what: 'file compare', attributes, content: 'same\n' }, state)
    return settledPath({ what: 'file hash', attributes, bytes: Buffer.byteLength(spec.content), content: `${sha256(spec.content)} -\n` }, state)
  },

  apply({ spec, state, changes }) {
    const target = namedPath(spec.path)
    if (spec.state === 'absent') {
      return sh`set -eu
tsp_enter_for ${target.directory}
rm -f ${`./${target.name}`}`
    }
    const attributes = managed(spec, defaultMode(spec))
    if (mendsInPlace(state, changes)) return dressed({ target, attributes })
    return writeFile({ target, found: state, attributes, content: spec.content, validate: spec.validate, backup: spec.backup })
  },
})

function defaultMode({ content }: FilePresent): number {
  return content instanceof Secret ? 0o600 : 0o644
}
