import type { Seed } from '../model/fact.ts'

/**
 * A value that tasks are made from. Where it cannot be known yet, two imagined worlds stand in for it:
 * what comes out the same in both does not depend on it.
 */
export type Value =
  | { readonly type: 'known'; readonly value: unknown }
  | { readonly type: 'unknown'; readonly why: string; readonly standIn: (seed: Seed) => unknown }

export const known = (value: unknown): Value => ({ type: 'known', value })

/** Thrown by reading a fact that is unknown and has no stand-in. */
export class UnknownValue extends Error {
  override readonly name = 'UnknownValue'
}

/** A record of values as one world sees it. A value without a stand-in throws when it is read, so nothing can be computed from it by accident. */
export function world(values: Readonly<Record<string, Value>>, seed: Seed, onUnknown: () => void = () => undefined): Readonly<Record<string, unknown>> {
  const seen: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(values))
    Object.defineProperty(seen, key, {
      enumerable: true,
      get() {
        if (value.type === 'known') return value.value
        onUnknown()
        return value.standIn(seed)
      },
    })
  return seen
}

/** A decision, and whether an unknown was looked at to make it: a yes or no may come out the same in both worlds and still be wrong. */
export interface Decision<T> {
  readonly a: T
  readonly b: T
  readonly certain: boolean
}

export function decide<T>(make: (seed: Seed, onUnknown: () => void) => T): Decision<T> {
  let certain = true
  const onUnknown = (): void => void (certain = false)
  const [a, b] = [make('a', onUnknown), make('b', onUnknown)]
  return { a, b, certain }
}

/** Why something made from these values is unknown; `undefined` when all are known. */
export function whyUnknown(values: Readonly<Record<string, Value>>): string | undefined {
  const reasons = [...new Set(Object.values(values).flatMap(value => (value.type === 'unknown' ? [value.why] : [])))]
  return reasons.length === 0 ? undefined : reasons.join(', ')
}
