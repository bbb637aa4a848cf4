import type { Graph, Node } from '../plan/graph.ts'

interface Fate {
  readonly index: number
  readonly hosts: ReadonlySet<string>
  /** Percentage that may fail. */
  readonly share: number
  failures: number
  /** The node whose failure was one too many. */
  by: string | undefined
}

/** Plays that too many failures stop everywhere: `anyErrorsFatal`, `maxFailPercentage`. */
export class Fates {
  readonly #fates = new Map<string, Fate>()
  readonly #index: ReadonlyMap<string, number>

  constructor({ plays, nodes }: Graph) {
    this.#index = new Map(plays.map(({ play }, index) => [play.name, index]))
    for (const [index, { play, full }] of plays.entries()) {
      if (play.maxFailPercentage === undefined) continue
      const hosts = new Set(full.map(id => nodes.get(id)?.host ?? id))
      this.#fates.set(play.name, { index, hosts, share: play.maxFailPercentage, failures: 0, by: undefined })
    }
  }

  /** Counts a node that failed or could not be reached. */
  failed(node: Node): void {
    const fate = this.#fates.get(node.play.name)
    if (!fate) return
    fate.failures++
    if (fate.failures * 100 > fate.share * fate.hosts.size) fate.by ??= node.id
  }

  /** The node whose failure stops another one: in the same play, and in later ones on the hosts of that play. */
  stoppedBy(node: Node): string | undefined {
    const index = this.#index.get(node.play.name) ?? -1
    for (const fate of this.#fates.values()) if (fate.by !== undefined && fate.by !== node.id && fate.index <= index && fate.hosts.has(node.host)) return fate.by
    return undefined
  }
}
