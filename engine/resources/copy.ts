import { isAbsolute } from 'node:path'
import type { Command } from '../model/command.ts'
import { resource } from '../model/resource.ts'
import { managed, type Attributes } from './attributes.ts'
import { mendsInPlace } from './file-probe.ts'
import { namedPath } from './path.ts'
import { parsePathState, type PathState } from './path-state.ts'
import { dressed, fileShell, writeFile } from './staged-file.ts'
import { settledPath } from './settled.ts'
import { planSum, probeSum } from './summed-file.ts'
import { onPath, turnsFile } from './turning.ts'

/** A file of the controller on the target. */
export interface CopySpec extends Attributes {
  /** Absolute path on the controller; beside a role: `fileURLToPath(new URL('etcd.tar', import.meta.url))`. */
  readonly source: string
  /** Absolute path on the target. */
  readonly path: string
  /** Default 0o644: the mode on the controller says nothing about the target. */
  readonly mode?: number
  /** Default: as it is; for a new file the user the task runs as. */
  readonly owner?: string | number
  readonly group?: string | number
  /** As for `file`. */
  readonly validate?: Command
  /** As for `file`. Default false. */
  readonly backup?: boolean
}

const DEFAULT_MODE = 0o644

/**
 * A file with the bytes of a file of the controller, whatever its size: it is streamed, and compared by SHA-256, so one that is as wished costs no
 * bytes of content. How it is written, and what it refuses, is as for `file`.
 *
 * A file of less than 64 KiB is sent as it was when it was hashed. A larger one fails when the controller's file changes before it is sent. A diff shows the sums. Check mode reads only. Source: rename(2).
 *
 * @throws TypeError when a path, mode or owner is none.
 */
export const copy = resource<CopySpec, PathState>({
  kind: 'copy',
  validates: spec => 'validate' in spec && spec.validate !== undefined,
  id: spec => namedPath(spec.path).whole,
  helpers: fileShell,
  sources: spec => [spec.source],

  probe(spec) {
    if (!isAbsolute(spec.source)) throw new TypeError(`source must be an absolute path on the controller, got ${JSON.stringify(spec.source)}`)
    return probeSum(spec)
  },

  parse: output => parsePathState(output.stdout),

  plan: ({ spec, state, source }) => planSum(spec, { state, sum: source(spec.source).sha256, mode: DEFAULT_MODE }),

  effects: ({ path }) => onPath(path),
  turnedBy: ({ spec, state }, effect) => turnsFile(effect, spec, state),

  settled({ spec, state, source }) {
    const { content, size, sha256 } = source(spec.source)
    // A large one takes its time.
    if (content === undefined) return undefined
    // Of no bytes the probe has shown all.
    return settledPath({ what: 'file hash', attributes: managed(spec, DEFAULT_MODE), bytes: size, content: `${sha256} ${size === 0 ? 'text' : '-'}\n` }, state)
  },

  apply({ spec, state, changes, source }) {
    const target = namedPath(spec.path)
    const attributes = managed(spec, DEFAULT_MODE)
    if (mendsInPlace(state, changes)) return dressed({ target, attributes })
    return writeFile({ target, found: state, attributes, content: source(spec.source), validate: spec.validate, backup: spec.backup })
  },
})
