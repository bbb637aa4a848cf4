import type { Event, HostSummary } from '../model/event.ts'
import type { Failed } from '../model/failure.ts'
import { isUnreachable } from './unreachable.ts'

/** Counts what happened, per host, from the events of a run. */
export class Tally {
  readonly #hosts = new Map<string, { -readonly [K in keyof HostSummary]: HostSummary[K] }>()
  readonly failures: Failed[] = []

  constructor(hosts: readonly string[]) {
    for (const host of hosts) this.#row(host)
  }

  get hosts(): readonly HostSummary[] {
    return [...this.#hosts.values()]
  }

  count(event: Omit<Event, 'at'> & { readonly type: Event['type'] }): void {
    if (isA(event, 'task-finished')) {
      const row = this.#hosts.get(event.host)
      if (!row) return
      switch (event.outcome.type) {
        case 'ok': row.ok++; break
        case 'changed': row.changed++; break
        case 'would-change': row.wouldChange++; break
        case 'unknown': row.unknown++; break
        case 'skipped': row.skipped++; break
        case 'failed': if (event.outcome.ignored !== undefined) row.ok++; break
      }
    }
    if (isA(event, 'output-failed')) {
      this.failures.push(event.failed)
      const row = this.#row(event.host)
      if (isUnreachable(event.failed.failure)) row.unreachable = true
      else row.failed++
    }
    if (isA(event, 'node-finished')) {
      const row = this.#hosts.get(event.host)
      if (!row) return
      switch (event.outcome.type) {
        case 'failed': row.failed++; this.failures.push(event.outcome.failed); break
        case 'unreachable': row.unreachable = true; this.failures.push(event.outcome.failed); break
        case 'unknown': row.unknown++; break
        case 'blocked': row.blocked++; break
        case 'skipped': row.skipped++; break
        case 'done': break
      }
    }
  }

  /** A host that only gives outputs has a row once one of them could not be had. */
  #row(host: string): { -readonly [K in keyof HostSummary]: HostSummary[K] } {
    const row = this.#hosts.get(host) ?? { host, ok: 0, changed: 0, wouldChange: 0, unknown: 0, skipped: 0, failed: 0, unreachable: false, blocked: 0 }
    this.#hosts.set(host, row)
    return row
  }

  /** The exit code, the first that applies: 1 failure, 4 unreachable, 3 unknown, 2 would change, 0. */
  get exitCode(): number {
    if (this.hosts.some(row => row.failed > 0)) return 1
    if (this.hosts.some(row => row.unreachable)) return 4
    if (this.hosts.some(row => row.unknown > 0)) return 3
    return this.hosts.some(row => row.wouldChange > 0) ? 2 : 0
  }
}

type Loose = { readonly type: Event['type'] }
function isA<T extends Event['type']>(event: Loose, type: T): event is Extract<Event, { type: T }> {
  return event.type === type
}
