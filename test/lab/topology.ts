/** Named sets of hosts for `npm run lab -- up NAME`. More hosts (w3, cp4) are added to a running lab by their names. */
export const topologies: Readonly<Record<string, readonly string[]>> = {
  one: ['cp1'],
  small: ['lb1', 'cp1', 'cp2', 'cp3', 'w1'],
  ha: ['lb1', 'lb2', 'cp1', 'cp2', 'cp3', 'w1', 'w2'],
}

/** Each word is a topology or a host; no word means the whole `ha` lab. */
export function hostsOf(words: readonly string[]): readonly string[] {
  return (words.length === 0 ? ['ha'] : words).flatMap(word => topologies[word] ?? [word])
}
