import { setTimeout as pause } from 'node:timers/promises'
import type { Cluster } from './cluster.ts'

/** Milliseconds between two writes. */
const PERIOD = 100
const NAME = 'ts-play-writer'

export interface Written {
  readonly acknowledged: number
  /** Writes that were acknowledged and are not there afterwards. */
  readonly lost: number
  /** Longest time between two acknowledged writes, in milliseconds. */
  readonly longestGap: number
}

/** Writes a counter through the endpoint and remembers what was acknowledged: what a fault costs whoever uses the API. */
export class Writer {
  readonly #kube: Cluster
  #acknowledged = 0
  #longestGap = 0
  #last = performance.now()
  #stopped = false
  #writing: Promise<void> = Promise.resolve()

  private constructor(kube: Cluster) {
    this.#kube = kube
  }

  static async start(kube: Cluster): Promise<Writer> {
    const writer = new Writer(kube)
    await kube.apply(`apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${NAME}, namespace: default }\ndata: { count: "0" }\n`)
    writer.#last = performance.now()
    writer.#writing = writer.#write()
    return writer
  }

  /** Waits for this many more acknowledged writes. */
  async writes(more: number): Promise<void> {
    const wanted = this.#acknowledged + more
    while (this.#acknowledged < wanted) await pause(PERIOD)
  }

  async stop(): Promise<Written> {
    this.#stopped = true
    await this.#writing
    const stored = Number(await this.#kube.kubectl('get', 'configmap', NAME, '-o', 'jsonpath={.data.count}'))
    return { acknowledged: this.#acknowledged, lost: Math.max(0, this.#acknowledged - stored), longestGap: this.#longestGap }
  }

  async #write(): Promise<void> {
    for (let next = 1; !this.#stopped; await pause(PERIOD)) {
      const patch = JSON.stringify({ data: { count: String(next) } })
      const written = await this.#kube.kubectl('patch', 'configmap', NAME, '--type', 'merge', '-p', patch).then(() => true, () => false)
      if (!written) continue
      const now = performance.now()
      this.#longestGap = Math.max(this.#longestGap, now - this.#last)
      this.#last = now
      this.#acknowledged = next++
    }
  }
}
