import type { Event } from '../model/event.ts'
import { oneLine } from '../render/escape.ts'
import type { View } from '../render/view.ts'

interface Row {
  readonly tags: readonly string[]
  readonly hosts: string[]
}

/** `--list-tasks`: plays with their tasks; a task that only some hosts have names them. */
export function taskList(write: (text: string) => void): View {
  const plays = new Map<string, { readonly hosts: Set<string>; readonly rows: Map<string, Row> }>()
  const play = (name: string) => {
    const known = plays.get(name) ?? { hosts: new Set<string>(), rows: new Map<string, Row>() }
    plays.set(name, known)
    return known
  }
  const failures: string[] = []
  return {
    on(event: Event) {
      if (event.type === 'run-started') for (const planned of event.plays) if (planned.mode === 'full') play(planned.name)
      if (event.type === 'node-started') play(event.play).hosts.add(event.host)
      if (event.type === 'task-listed') {
        const { rows } = play(event.play)
        const row = rows.get(event.title) ?? { tags: event.tags, hosts: [] }
        if (!row.hosts.includes(event.host)) row.hosts.push(event.host)
        rows.set(event.title, row)
      }
      if (event.type === 'output-failed') failures.push(`${event.node}: ${event.failed.failure.message}`)
      if (event.type === 'node-finished' && (event.outcome.type === 'failed' || event.outcome.type === 'unreachable')) failures.push(`${event.node}: ${event.outcome.failed.failure.message}`)
      if (event.type === 'node-finished' && (event.outcome.type === 'unknown' || event.outcome.type === 'skipped')) play(event.play).rows.set(`… ${event.outcome.why}`, { tags: [], hosts: [...(play(event.play).rows.get(`… ${event.outcome.why}`)?.hosts ?? []), event.host] })
    },
    async close() {
      let number = 0
      for (const [name, { hosts, rows }] of plays) {
        write(`play #${++number} ${name} (${[...hosts].join(' ')})\n`)
        for (const [title, row] of rows) write(`  ${oneLine(title)}${row.tags.length > 0 ? `  tags: ${row.tags.join(', ')}` : ''}${row.hosts.length < hosts.size ? `  [${row.hosts.join(' ')}]` : ''}\n`)
      }
      for (const failure of failures) write(`failed: ${oneLine(failure)}\n`)
    },
  }
}
