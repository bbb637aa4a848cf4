/** What `Shared.lease` gives; `release` may be called more than once. */
export interface Lease<T> {
  readonly thing: T
  readonly release: () => Promise<void>
}

interface Life<T> {
  readonly make: () => Promise<T>
  readonly end: (thing: T) => Promise<void>
  /** Whether a thing made earlier is still of use; what is not is made anew for the next one who asks. Default: always. */
  readonly usable?: (thing: T) => boolean
  /** Whether a thing stays when nobody uses it. Default: none does. */
  readonly keep?: (thing: T) => boolean
}

interface Kept<T> {
  readonly making: Promise<T>
  users: number
  /** `undefined` while it is being made. */
  made: { readonly thing: T } | undefined
}

/** One thing that several use: made for the first of them, ended after the last. */
export class Shared<T> {
  readonly #life: Life<T>
  #kept: Kept<T> | undefined

  constructor(life: Life<T>) {
    this.#life = life
  }

  /** Who asks while it is being made gets what comes of that, of use or not. @throws what `make` throws. */
  async lease(): Promise<Lease<T>> {
    const { make, usable = () => true } = this.#life
    if (this.#kept?.made && !usable(this.#kept.made.thing)) this.#kept = undefined
    const kept: Kept<T> = (this.#kept ??= { making: make(), users: 0, made: undefined })
    kept.users += 1
    try {
      const thing = await kept.making
      kept.made = { thing }
      let held = true
      const release = async (): Promise<void> => {
        if (!held) return
        held = false
        await this.#release(kept, thing)
      }
      return { thing, release }
    } catch (thrown) {
      if (this.#kept === kept) this.#kept = undefined
      throw thrown
    }
  }

  async #release(kept: Kept<T>, thing: T): Promise<void> {
    kept.users -= 1
    if (kept.users > 0 || this.#life.keep?.(thing)) return
    if (this.#kept === kept) this.#kept = undefined
    await this.#life.end(thing)
  }
}
