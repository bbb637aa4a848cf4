type Seed = 'a' | 'b'

/** One of two values, by the world that a stand-in is made for: what has only a few values differs between the worlds, too. */
export const either = <T>(seed: Seed, a: T, b: T): T => (seed === 'a' ? a : b)
