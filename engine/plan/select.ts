import type { Play } from '../model/play.ts'
import type { TaskTags } from './graph.ts'

/** What of a playbook a run is about. */
export interface Selection {
  /** Tags to run; empty means all. */
  readonly tags: readonly string[]
  readonly skipTags: readonly string[]
  /** Hosts to run on; `undefined` means all. Already resolved: an empty limit never gets here. */
  readonly limit: ReadonlySet<string> | undefined
  /** Everything before this play, and in it before this task, is left out. */
  readonly startAt?: StartAt | undefined
}

export interface StartAt {
  readonly play: string
  /** A task's title: its name, or `kind id`. */
  readonly task: string | undefined
}

export const everything: Selection = { tags: [], skipTags: [], limit: undefined }

/** Tags that mean something of their own, as in Ansible. */
export const SPECIAL_TAGS = ['all', 'tagged', 'untagged', 'always', 'never'] as const

/** Whether a play is entered: whether some task of it may be selected. A tag that a play has selects plays; one that no play has is looked for among the tasks of all. */
export function selectsPlay(play: Play, { tags, skipTags }: Pick<Selection, 'tags' | 'skipTags'>, allPlays: readonly Play[]): boolean {
  const has = (tag: string): boolean => play.tags.includes(tag)
  const tagged = explicitTags(play).length > 0
  if (skipTags.some(has) || (skipTags.includes('tagged') && tagged) || (skipTags.includes('all') && !has('always'))) return false
  if (has('always')) return true
  if (tags.some(has)) return true
  if (has('never')) return tags.includes('never')
  if (tags.length === 0 || tags.includes('all')) return true
  // Without tags of its own a play may have tasks of both kinds.
  if (tags.includes('tagged') || tags.includes('never')) return true
  if (tags.includes('untagged') && !tagged) return true
  return taskTagsOf({ tags }, allPlays).length > 0
}

/** Tags of a task: those that authors gave it, and the names of included roles that it came with. */
export interface OwnTags {
  readonly tags: readonly string[]
  readonly roles: readonly string[]
}

/** Why a task of a play that was entered is left out; `undefined` when it is not. */
export function taskLeftOut({ tags: own, roles }: OwnTags, play: Play, { only, skip }: TaskTags): string | undefined {
  const explicit = [...explicitTags(play), ...own]
  const has = (tag: string): boolean => own.includes(tag) || roles.includes(tag) || play.tags.includes(tag)
  const kind = explicit.length > 0 ? 'tagged' : 'untagged'
  if (skip.some(has) || skip.includes(kind) || (skip.includes('all') && !has('always'))) return 'skipped by tag'
  if (has('always')) return undefined
  // What is never run unless asked for has to be asked for by a tag of its own: naming its play does not mean it.
  if (own.includes('never')) return own.some(tag => only.includes(tag)) ? undefined : 'never, unless a tag of its own is given'
  if (only.length === 0 || only.includes('all') || only.some(has) || only.includes(kind)) return undefined
  return 'not selected by tag'
}

/** The selected tags that are no play's: they can only be tasks' own. */
export function taskTagsOf({ tags }: Pick<Selection, 'tags'>, plays: readonly Play[]): readonly string[] {
  if (tags.includes('all')) return []
  return tags.filter(tag => !SPECIAL_TAGS.some(special => special === tag) && !plays.some(play => play.tags.includes(tag)))
}

/** The tags that an author gave: every play has its role's name beside them. */
function explicitTags(play: Play): readonly string[] {
  return play.tags.slice(1)
}
