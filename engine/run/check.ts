import type { Failed } from '../model/failure.ts'
import type { Item } from '../model/task.ts'
import { Checking } from './checking.ts'
import { align } from './pairs.ts'
import type { Scope } from './scope.ts'

/** A role's items as two imagined worlds see them, and what is imagined about them. */
export interface Worlds {
  readonly a: readonly Item[]
  readonly b: readonly Item[]
  /** What is not known, in words; `undefined` when both worlds are the real one. */
  readonly why: string | undefined
}

export interface CheckEnd {
  readonly failed: Failed | undefined
  /** Why the rest of the node cannot be known. */
  readonly unknown: string | undefined
}

/** What a node would do: the same probes and plans as a run, with no way to apply. */
export async function check(scope: Scope, worlds: Worlds): Promise<CheckEnd> {
  const checking = new Checking(scope, worlds.why)
  const stop = (await checking.list(align(worlds.a, worlds.b))) ?? checking.missed()
  checking.flush()
  if (stop?.type === 'unknown') scope.pending.note(scope.place.host, checking.why ?? stop.why)
  return { failed: stop?.type === 'failed' ? stop.failed : undefined, unknown: stop?.type === 'unknown' ? stop.why : undefined }
}
