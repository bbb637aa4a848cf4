/**
 * What a library keeps to itself: where it offers no way of its own, and only so that nothing of it is relied on. Whoever looks here finds `undefined` where
 * things are not as expected, does nothing then, and a test says so.
 */

/** A method, of which nothing is known. */
export type Method = (...words: readonly unknown[]) => unknown

/** What an object has under a name; `undefined` where it is no object. */
export function inside(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined
}

/** Puts a method in the place of an object's own, which it gets; nothing where there is none. */
export function replace(of: unknown, name: string, by: (own: Method) => Method): void {
  const own = inside(of, name)
  if (typeof of !== 'object' || of === null || typeof own !== 'function') return
  Reflect.set(of, name, by((...words) => Reflect.apply(own, of, words)))
}
