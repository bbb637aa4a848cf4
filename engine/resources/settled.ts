import { expectation, type Expectation } from '../model/expectation.ts'
import type { Attributes } from './attributes.ts'
import type { PathState } from './path-state.ts'

/** What is there once a task about a path is done. */
export interface Settled {
  /** What `tsp_look` calls it, with the depth of the look: `file hash`. */
  readonly what: 'file hash' | 'file compare' | 'file text' | 'directory attributes' | 'symlink attributes'
  readonly attributes: Attributes
  /** Whose it is then, where that is known: as `PathState` has it. */
  readonly own?: Extract<PathState, { own: unknown }>['own']
  /** Of a file; `undefined` where that is a secret. */
  readonly bytes?: number
  /** What is printed behind the attributes. */
  readonly content: string
}

/**
 * What `tsp_look` says of it then. A file that was not there belongs to the user of the task, and its directory to nobody else, unless something is odd:
 * of that is told in the ordinary way, with a look from here.
 */
export function settledPath({ what, attributes: { mode, owner, group }, own, bytes, content }: Settled, found: PathState): Expectation {
  const isFile = what.startsWith('file')
  const isNew = isFile && found.type === 'absent' && owner === undefined && group === undefined
  const words = [what, isFile ? 'secure' : undefined, own ?? (isNew ? 'all-ours' : undefined), mode?.toString(8), idOf(owner), idOf(group), bytes?.toString()]
  return expectation([...words.flatMap(word => [word, ' ']), undefined, '\n', nameOf(owner), '\n', nameOf(group), '\n', content])
}

function isId(given: string | number): boolean {
  return /^\d+$/.test(String(given))
}

function idOf(given: string | number | undefined): string | undefined {
  return given !== undefined && isId(given) ? String(Number(given)) : undefined
}

function nameOf(given: string | number | undefined): string | undefined {
  return given !== undefined && !isId(given) ? String(given) : undefined
}
