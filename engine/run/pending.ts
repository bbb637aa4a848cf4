/** In check mode: the first change of each host that is not made, so that what depends on it cannot be known. */
export class Pending {
  readonly #first = new Map<string, string>()

  of(host: string): string | undefined {
    return this.#first.get(host)
  }

  /** @param what in words; the first one stays */
  note(host: string, what: string): void {
    if (!this.#first.has(host)) this.#first.set(host, what)
  }
}
