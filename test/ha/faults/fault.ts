import type { Writer } from '../writer.ts'
import type { Site } from './site.ts'

/** What must hold, in seconds, as the table of faults asks it of a real machine; `LAB_FACTOR` is applied where it is judged. Lost writes are 0 and holders 1, always. */
export interface Criteria {
  /** Longest time between two acknowledged writes. */
  readonly gap?: number
  /** Until the floating address is on another host. */
  readonly moved?: number
  /** From the end of the fault until all is as before. */
  readonly recovered?: number
}

/** What was measured beside the writes, and what was seen, in words. */
export interface Seen {
  readonly moved?: number
  readonly text?: string
}

interface Anywhere {
  /** As in the table of faults. */
  readonly id: `F${number}${'' | 'a' | 'b' | 'c'}`
  readonly what: string
  readonly criteria: Criteria
  /** Takes it away; without it the cluster has to help itself. */
  readonly heal?: (site: Site) => Promise<void>
  /** Whether everything is as it was before. */
  readonly well: (site: Site) => Promise<boolean>
}

/** What goes wrong before there is a cluster: nobody writes. */
export interface EarlyFault extends Anywhere {
  readonly to: 'bare hosts'
  readonly inject: (site: Site) => Promise<Seen>
}

/** What goes wrong with a cluster. */
export interface ClusterFault extends Anywhere {
  readonly to: 'a cluster'
  /** Brings it about, and looks at what it does. The writer writes meanwhile, unless it is ended. */
  readonly inject: (site: Site, writer: Writer) => Promise<Seen>
}

/** One thing that goes wrong, from the outside: as data, so that all are treated alike. */
export type Fault = EarlyFault | ClusterFault

/** What a fault did. Times in seconds. */
export interface Row {
  readonly id: string
  readonly what: string
  readonly criteria: Criteria
  /** `undefined`: nobody wrote. */
  readonly written: { readonly gap: number; readonly acknowledged: number; readonly lost: number } | undefined
  /** Hosts that have the floating address after ten seconds of quiet, and how many hardware addresses answer for it; `undefined` where there is none yet. */
  readonly floating: { readonly holders: readonly string[]; readonly answering: number } | undefined
  readonly moved: number | undefined
  readonly recovered: number
  readonly text: string
}

/** Seven hosts of the lab share two processors and one disk, and etcd's heartbeats and elections are given five times kubeadm's time (inventory/lab.yaml). */
export const LAB_FACTOR = 1

/** What of its criteria a row does not meet; nothing when all is well. */
export function shortcomings({ criteria, written, floating, moved, recovered }: Row): readonly string[] {
  const over = (name: string, found: number | undefined, limit: number | undefined): readonly string[] =>
    limit === undefined ? [] : found !== undefined && found <= limit * LAB_FACTOR ? [] : [`${name} ${found?.toFixed(1) ?? 'never'} s, at most ${limit * LAB_FACTOR} s`]
  return [
    ...over('gap', written?.gap, criteria.gap),
    ...over('moved after', moved, criteria.moved),
    ...over('recovered after', recovered, criteria.recovered),
    ...(written === undefined || written.lost === 0 ? [] : [`${written.lost} acknowledged writes lost`]),
    ...(floating === undefined || floating.holders.length === 1 ? [] : [`the floating address is on ${floating.holders.join(' and ') || 'no host'}`]),
    ...(floating === undefined || floating.answering === 1 ? [] : [`${floating.answering} hardware addresses answer for the floating address`]),
  ]
}
