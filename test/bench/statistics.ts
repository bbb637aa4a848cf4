/** A row of runs in short. */
export interface Summary {
  readonly median: number
  readonly least: number
  readonly most: number
  readonly runs: number
}

/** @throws RangeError without a value. */
export function summary(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b)
  const [least, most] = [sorted[0], sorted.at(-1)]
  if (least === undefined || most === undefined) throw new RangeError('a summary of no values')
  const middle = (sorted.length - 1) / 2
  const median = ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2
  return { median, least, most, runs: sorted.length }
}

/** How many runs a contender gets after one took `first`: as many as wanted while they fit into the budget, one at least. Milliseconds. */
export function runsWithin({ first, wanted, budget }: { readonly first: number; readonly wanted: number; readonly budget: number }): number {
  return Math.max(1, Math.min(wanted, Math.floor(budget / first)))
}
