/** Lets one user at a time have a thing, in the order in which they asked. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>()

  async take<T>(thing: string, use: () => Promise<T>): Promise<T> {
    const before = this.#last.get(thing)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last.set(thing, promise)
    await before
    try {
      return await use()
    } finally {
      resolve()
      if (this.#last.get(thing) === promise) this.#last.delete(thing)
    }
  }
}
