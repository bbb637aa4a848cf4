/** The candidate that was probably meant, or `undefined`: the same but for case, `_` and `-`, else at most a third of its letters away. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = plain(name)
  let best: string | undefined
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1
  for (const candidate of candidates) {
    const other = plain(candidate)
    if (Math.abs(other.length - wanted.length) >= least) continue
    const distance = editDistance(wanted, other)
    if (distance < least) [best, least] = [candidate, distance]
  }
  return best === name ? undefined : best
}

/** `did you mean X?` when there is a likely X, else the candidates themselves. */
export function didYouMean(name: string, candidates: readonly string[], otherwise: string): string {
  const meant = nearest(name, candidates)
  return meant === undefined ? otherwise : `did you mean \`${meant}\`?`
}

/** A list for a hint: at most `most` names. */
export function list(names: readonly string[], most = 12): string {
  const rest = names.length - most
  return names.slice(0, most).join(', ') + (rest > 0 ? ` and ${rest} more` : '')
}

function plain(name: string): string {
  return name.slice(0, 64).toLowerCase().replaceAll(/[_-]/g, '')
}

/** Insertions, deletions, replacements and swaps of neighbours that lead from one text to the other. */
function editDistance(left: string, right: string): number {
  let before: number[] = []
  let last = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1]
      let cost = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + (same ? 0 : 1))
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) cost = Math.min(cost, (before[column - 2] ?? 0) + 1)
      current.push(cost)
    }
    before = last
    last = current
  }
  return last[right.length] ?? 0
}
