import { callSite, type Origin } from './origin.ts'
import type { Play } from './play.ts'
import type { Rolling } from './rolling.ts'

/** Plays in the order each host goes through them. Data only. */
export interface Playbook {
  readonly type: 'playbook'
  readonly name: string
  /** All plays, those of rollings too. */
  readonly plays: readonly Play[]
  readonly rollings: readonly Rolling[]
  readonly origin: Origin
}

export function playbook(name: string, items: readonly (Play | Rolling)[]): Playbook {
  return {
    type: 'playbook',
    name,
    plays: items.flatMap(item => (item.type === 'rolling' ? item.plays : [item])),
    rollings: items.filter(item => item.type === 'rolling'),
    origin: callSite(),
  }
}
