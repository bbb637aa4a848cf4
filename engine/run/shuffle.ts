/** The items in an order that depends on the seed only (mulberry32), so that a missing edge shows and can be shown again. */
export function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  let state = seed >>> 0
  const random = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return items.map(item => ({ item, key: random() })).toSorted((left, right) => left.key - right.key).map(({ item }) => item)
}
