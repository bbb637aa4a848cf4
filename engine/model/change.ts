/**
 * One difference between what is and what should be.
 *
 * - `modifies`: known before it is made, verified after.
 * - `destroys`: loses data; runs only where `permitted` says so or `--allow-destroy HOST` does.
 * - `runs`: a command without a guard; nothing can be known before and nothing verified after.
 * - `waits`: no change of ours; the task waits until the world agrees.
 */
export type Change =
  | { readonly effect: 'modifies'; readonly attribute: string; readonly from: Shown; readonly to: Shown }
  /** `host`: whose data it is, where that is not the host of the task (a dead machine's membership is ended from a living one). */
  | { readonly effect: 'destroys'; readonly attribute: string; readonly from: Shown; readonly to: Shown; readonly permitted: boolean; readonly because: string; readonly host?: string }
  | { readonly effect: 'runs'; readonly attribute: string }
  | { readonly effect: 'waits'; readonly attribute: string }

/** A value as a diff may show it. `text` is compared line by line; `secret` shows only that it differs. */
export type Shown =
  | { readonly type: 'absent' }
  | { readonly type: 'value'; readonly value: string }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'secret' }

export const absent: Shown = { type: 'absent' }
export const value = (shown: string | number | boolean): Shown => ({ type: 'value', value: String(shown) })
export const text = (shown: string): Shown => ({ type: 'text', text: shown })
export const hidden: Shown = { type: 'secret' }

/** A known change of one attribute. */
export function modifies(attribute: string, from: Shown, to: Shown): Change {
  return { effect: 'modifies', attribute, from, to }
}
