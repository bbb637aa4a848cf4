import { resource } from '../model/resource.ts'
import { managed, type Attributes } from './attributes.ts'
import { mendsInPlace } from './file-probe.ts'
import { namedPath } from './path.ts'
import { parsePathState, type PathState } from './path-state.ts'
import { dressed, fileShell, writeFile } from './staged-file.ts'
import { planSum, probeSum, sha256Digits } from './summed-file.ts'
import { onPath, turnsFile } from './turning.ts'

/** A file of another host, where the task is executed: with `on: 'localhost'`, or in a play on the controller, that is the controller. */
export interface FetchSpec extends Attributes {
  readonly from: {
    /** A host of the inventory. */
    readonly host: string
    /** Who can read it there; default: the login user. */
    readonly user?: string
    /** Absolute path there. */
    readonly path: string
    /** Bytes. */
    readonly size: number
    /** SHA-256, 64 hexadecimal digits: it decides whether anything has to be done. */
    readonly sha256: string
  }
  /** Absolute path. Nothing of it should come from the other host unchecked: who owns that host would choose what is overwritten here. */
  readonly path: string
  /** Default 0o600: what is worth bringing is seldom for everybody. */
  readonly mode?: number
  /** Default: as it is; for a new file the user the task runs as. */
  readonly owner?: string | number
  readonly group?: string | number
}

const DEFAULT_MODE = 0o600

/**
 * A file with the bytes of a file of another host, whatever its size: it comes in pieces to a private temporary file of the controller, and has its name only
 * after its sum was found right. Size and sum are an output of a role that looked there; a file that changed since is refused. How it is put in place, and what is
 * refused, is as for `file`. Check mode reads only.
 *
 * @throws TypeError when a size, sum, path, mode or owner is none.
 */
export const fetch = resource<FetchSpec, PathState>({
  kind: 'fetch',
  id: spec => namedPath(spec.path).whole,
  helpers: fileShell,

  probe(spec) {
    const { size, sha256 } = spec.from
    namedPath(spec.from.path)
    sha256Digits(sha256)
    if (!Number.isSafeInteger(size) || size < 0) throw new TypeError(`size must be a number of bytes, got ${size}`)
    return probeSum(spec)
  },

  parse: output => parsePathState(output.stdout),

  plan: ({ spec, state }) => planSum(spec, { state, sum: sha256Digits(spec.from.sha256), mode: DEFAULT_MODE }),

  effects: ({ path }) => onPath(path),
  turnedBy: ({ spec, state }, effect) => turnsFile(effect, spec, state),

  apply({ spec, state, changes }) {
    const target = namedPath(spec.path)
    const attributes = managed(spec, DEFAULT_MODE)
    if (mendsInPlace(state, changes)) return dressed({ target, attributes })
    return writeFile({ target, found: state, attributes, content: { type: 'host-file', user: undefined, ...spec.from, sha256: sha256Digits(spec.from.sha256) } })
  },
})
