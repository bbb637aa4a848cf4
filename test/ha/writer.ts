import { setTimeout as pause } from 'node:timers/promises'
import type { Cluster } from './cluster.ts'

/** Milliseconds between two writes. */
const PERIOD = 100
/** Writes in one object: no write is ever written over, so that none can be lost unseen. */
const PAGE = 100

export interface Written {
  readonly acknowledged: number
  /** Writes that were acknowledged and are not there afterwards. */
  readonly lost: number
  /** Longest time between two acknowledged writes, in milliseconds. */
  readonly longestGap: number
}

/** How the writer reaches the API. What fails, or is not answered in time, throws. */
export interface Pen {
  /** Makes an empty ConfigMap; one that is there already is fine. */
  readonly open: (page: string) => Promise<void>
  /** Adds a key to it, and ends when the API has acknowledged that. */
  readonly write: (page: string, key: string) => Promise<void>
  /** The keys of a ConfigMap. */
  readonly read: (page: string) => Promise<readonly string[]>
}

/** Writes as an administrator with kubectl would. */
export function kubectlPen({ kubectl, apply }: Pick<Cluster, 'kubectl' | 'apply'>): Pen {
  return {
    open: page => apply(`apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${page}, namespace: default }\n`),
    write: async (page, key) => void (await kubectl('patch', 'configmap', page, '--type', 'merge', '-p', JSON.stringify({ data: { [key]: '' } }))),
    read: async page => (await kubectl('get', 'configmap', page, '-o', 'go-template={{range $key, $value := .data}}{{$key}} {{end}}')).split(' ').filter(key => key !== ''),
  }
}

let writers = 0

/** Writes ten times a second through the endpoint and remembers what was acknowledged: what a fault costs whoever uses the API. */
export class Writer {
  readonly #pen: Pen
  readonly #name = `ts-play-writer-${process.pid}-${++writers}`
  #acknowledged = 0
  #longestGap = 0
  #last = performance.now()
  #stopped = false
  #writing: Promise<void> = Promise.resolve()

  private constructor(pen: Pen) {
    this.#pen = pen
  }

  static async start(kube: Cluster, pen: Pen = kubectlPen(kube)): Promise<Writer> {
    const writer = new Writer(pen)
    // Before anything is measured a busy machine may need a second try.
    for (let tries = 1; !(await pen.open(writer.#page(0)).then(() => true, error => { if (tries++ > 10) throw error }));) await pause(PERIOD)
    writer.#last = performance.now()
    writer.#writing = writer.#write()
    return writer
  }

  /** Waits for this many more acknowledged writes. */
  async writes(more: number): Promise<void> {
    const wanted = this.#acknowledged + more
    while (this.#acknowledged < wanted && !this.#stopped) await pause(PERIOD)
  }

  /** Writes no more; how many writes were acknowledged. */
  async end(): Promise<number> {
    this.#stopped = true
    await this.#writing
    return this.#acknowledged
  }

  /** Ends, and looks for all that was acknowledged. */
  async stop(): Promise<Written> {
    await this.end()
    const pages = Array.from({ length: Math.ceil(this.#acknowledged / PAGE) }, (_, index) => this.#page(index * PAGE))
    const there = new Set<string>()
    for (const page of pages) for (const key of await this.#pen.read(page)) there.add(key)
    const lost = Array.from({ length: this.#acknowledged }, (_, index) => `n${index}`).filter(key => !there.has(key)).length
    return { acknowledged: this.#acknowledged, lost, longestGap: this.#longestGap }
  }

  #page(write: number): string {
    return `${this.#name}-${Math.floor(write / PAGE)}`
  }

  async #write(): Promise<void> {
    let open = this.#page(0)
    for (let next = 0; !this.#stopped; ) {
      const began = performance.now()
      const page = this.#page(next)
      const written = await (page === open ? this.#pen.write(page, `n${next}`) : this.#pen.open(page).then(() => (open = page)).then(() => this.#pen.write(page, `n${next}`))).then(() => true, () => false)
      const now = performance.now()
      if (written) {
        this.#longestGap = Math.max(this.#longestGap, now - this.#last)
        this.#last = now
        this.#acknowledged = ++next
      }
      await pause(Math.max(written ? 0 : PERIOD, PERIOD - (now - began)))
    }
  }
}
