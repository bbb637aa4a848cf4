import { callSite, type Origin } from './origin.ts'
import type { Play } from './play.ts'

/** Plays in the order each host goes through them. Data only. */
export interface Playbook {
  readonly type: 'playbook'
  readonly name: string
  readonly plays: readonly Play[]
  readonly origin: Origin
}

export function playbook(name: string, plays: readonly Play[]): Playbook {
  return { type: 'playbook', name, plays, origin: callSite() }
}
