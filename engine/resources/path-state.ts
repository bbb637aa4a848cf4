import { sh, type Command } from '../model/command.ts'
import type { SharedLook } from '../model/session.ts'
import type { FoundAttributes } from './attributes.ts'
import type { TargetPath } from './path.ts'

/** What is at a path of the target. `special`: a device, a socket or a named pipe. */
export type PathState =
  | { readonly type: 'absent' }
  | ({ readonly type: 'file'; readonly bytes: number; readonly content: FoundContent } & Found)
  | ({ readonly type: 'symlink'; readonly target: string } & Found)
  | ({ readonly type: 'directory' | 'special' } & Found)

interface Found extends FoundAttributes {
  /** Who can exchange names in its directory: root and the user we run as; the file's owner and root; or others too. */
  readonly place: 'secure' | 'owners' | 'shared'
  /** Whether owner, or owner and group, are those of the user we run as. */
  readonly own: 'theirs' | 'ours' | 'all-ours'
}

/** What a probe said of a file's content. */
export type FoundContent =
  | { readonly type: 'attributes' }
  | { readonly type: 'hash'; readonly sha256: string; readonly text: string | undefined }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'compare'; readonly same: boolean }

/** How far to look into a file. Sizes in bytes. */
export type Depth =
  | { readonly type: 'attributes' }
  /** The hash; the text too when the hash is not `unless` and the file has at most `textUpTo` bytes. */
  | { readonly type: 'hash'; readonly unless: string; readonly textUpTo: number }
  /** The text without a hash. The probe fails when the file has more than `upTo` bytes. */
  | { readonly type: 'text'; readonly upTo: number }
  /** Compares with the hash that it reads from stdin as one line, and tells only the outcome. */
  | { readonly type: 'compare' }

/** Files of up to this many bytes are shown in a diff as text, larger ones as their hash. */
export const DIFF_BYTES = 256 * 1024

/** A call of `tsp_look` for a name in the working directory. Two forks for a file, one for anything else. */
export function lookAt(name: string, depth: Depth): Command {
  switch (depth.type) {
    case 'attributes':
    case 'compare':
      return sh`tsp_look ${`./${name}`} ${depth.type}`
    case 'hash':
      return sh`tsp_look ${`./${name}`} hash ${depth.textUpTo} ${depth.unless}`
    case 'text':
      return sh`tsp_look ${`./${name}`} text ${depth.upTo}`
  }
}

/** Types of what is at a path, as `stat -c %f` begins. */
const TYPES = { file: '8a', symlink: 'a', directory: '4' } as const

/**
 * What a probe that calls `tsp_look` once can share with others (`tsp_paths`). Names that a shell would have to take care of, and texts, which are read anyway, are looked at alone.
 *
 * @param prints what the probe does nothing else for than to print that look; default: it may do more
 */
export function sharesOf({ whole, name }: TargetPath, depth: Depth, prints?: keyof typeof TYPES): readonly SharedLook[] {
  const { type } = depth
  if (name === '' || type === 'text' || !/^[\w./@:+,=~-]+$/.test(whole)) return []
  const look = { by: 'tsp_paths', word: `${type === 'attributes' ? 'a' : 'h'}${whole}` }
  if (prints === undefined || type === 'compare') return [look]
  return [{ ...look, says: { by: 'tsp_path_says', alone: 'tsp_path_now', words: [TYPES[prints], type, ...(type === 'hash' ? [String(depth.textUpTo), depth.unless] : [])] } }]
}

/** Reads what `tsp_look` printed. @throws Error when it is not that. */
export function parsePathState(stdout: string): PathState {
  const [facts = '', user = '', group = ''] = stdout.split('\n', 3)
  const [type, depth = '', place, own, mode = '', uid = '', gid = '', bytes = ''] = facts.split(' ')
  if (type === 'absent') return { type }
  const found = { mode: Number.parseInt(mode, 8), uid: Number(uid), gid: Number(gid), user, group, place: placeOf(place), own: ownOf(own) }
  const rest = stdout.slice(facts.length + user.length + group.length + 3)
  if (Number.isNaN(found.mode) || bytes === '') throw new Error('the probe did not print the attributes of the path')
  switch (type) {
    case 'file':
      return { type, ...found, bytes: Number(bytes), content: parseContent(depth, rest) }
    case 'symlink':
      return { type, ...found, target: rest }
    case 'directory':
    case 'special':
      return { type, ...found }
    default:
      throw new Error(`the probe said that the path is a ${JSON.stringify(type)}`)
  }
}

function parseContent(depth: string, rest: string): FoundContent {
  const end = rest.indexOf('\n')
  switch (depth) {
    case 'attributes':
      return { type: depth }
    case 'text':
      return { type: depth, text: rest }
    case 'compare':
      return { type: depth, same: rest.startsWith('same') }
    case 'hash': {
      const [sha256 = '', text] = rest.slice(0, end).split(' ')
      if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error('the probe did not print a SHA-256')
      return { type: depth, sha256, text: text === 'text' ? rest.slice(end + 1) : undefined }
    }
    default:
      throw new Error(`the probe looked as deep as ${JSON.stringify(depth)}`)
  }
}

function placeOf(word: string | undefined): Found['place'] {
  return word === 'secure' || word === 'owners' ? word : 'shared'
}

function ownOf(word: string | undefined): Found['own'] {
  return word === 'ours' || word === 'all-ours' ? word : 'theirs'
}
