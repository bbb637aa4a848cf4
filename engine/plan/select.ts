import type { Play } from '../model/play.ts'

/** What of a playbook a run is about. */
export interface Selection {
  /** Tags to run; empty means all. */
  readonly tags: readonly string[]
  readonly skipTags: readonly string[]
  /** Hosts to run on; `undefined` means all. Already resolved: an empty limit never gets here. */
  readonly limit: ReadonlySet<string> | undefined
}

export const everything: Selection = { tags: [], skipTags: [], limit: undefined }

/** Whether a play runs in full. A tag that no play has is looked for among tasks, so every play has to be entered. */
export function selectsPlay(play: Play, selection: Selection, allPlays: readonly Play[]): boolean {
  if (play.tags.some(tag => selection.skipTags.includes(tag))) return false
  if (selection.tags.length === 0 || selection.tags.includes('all')) return true
  if (play.tags.some(tag => selection.tags.includes(tag))) return true
  return taskTagsOf(selection, allPlays).length > 0
}

/** The selected tags that are no play's: they can only be tasks' own. */
export function taskTagsOf(selection: Selection, plays: readonly Play[]): readonly string[] {
  if (selection.tags.includes('all')) return []
  return selection.tags.filter(tag => !plays.some(play => play.tags.includes(tag)))
}
