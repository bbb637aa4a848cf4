import type { Event, HostSummary, Mode } from '../model/event.ts'
import { pad, width } from './cells.ts'
import { count } from './count.ts'
import { duration } from './duration.ts'
import { oneLine } from './escape.ts'
import { failedBlock } from './failed-block.ts'
import { paint, type Paint } from './paint.ts'

export type RunFinished = Extract<Event, { type: 'run-finished' }>

export interface RecapOptions {
  readonly mode: Mode
  readonly color: boolean
  /** Paths below this folder are shown relative to it. */
  readonly root: string
}

/** The end of a run: why it failed, one line per host, and the exit code in words. */
export function recap(finished: RunFinished, options: RecapOptions): string[] {
  const brush = paint(options.color)
  return [
    ...failures(finished, options, brush),
    '',
    brush.strong('RECAP'),
    ...table(finished.hosts, { mode: options.mode, brush }),
    '',
    verdict(finished, options.mode, brush),
  ]
}

/** Root causes only; what was stopped by Ctrl-C and what did not run because of a cause is one line each. */
function failures(finished: RunFinished, { root }: RecapOptions, brush: Paint): string[] {
  const causes = finished.failures.filter(failed => failed.failure.reason !== 'interrupted')
  const blocks = causes.slice(0, MOST_CAUSES).map((failed, index) => failedBlock(failed, { index: index + 1, root, brush }))
  const lines = blocks.length > 0 ? ['', brush.strong('FAILURES'), ...blocks.flatMap((block, index) => (index > 0 ? ['', ...block] : block))] : []
  if (causes.length > blocks.length) lines.push('', `… ${count(causes.length - blocks.length, 'more failure')}; the log above names them`)
  const stopped = finished.failures.length - causes.length
  if (stopped > 0) lines.push('', `${count(stopped, 'play')} stopped by the interrupt`)
  const held = finished.hosts.filter(host => host.blocked > 0)
  if (held.length > 0) lines.push('', `${count(sum(held, host => host.blocked), 'play')} on ${count(held.length, 'host')} did not run because of ${blocks.length > 0 ? 'the above' : 'what came before'}`)
  return lines
}

/** Whoever loses a whole data centre wants to see the table as well. */
const MOST_CAUSES = 20

interface Column {
  readonly title: string
  readonly of: (host: HostSummary) => number
  readonly tone: keyof Paint
  /** Left out in this mode while it is zero everywhere: the table has to fit on 80 columns. */
  readonly idleIn?: Mode
}

const COLUMNS: readonly Column[] = [
  { title: 'ok', of: host => host.ok, tone: 'good' },
  { title: 'changed', of: host => host.changed, tone: 'changed', idleIn: 'check' },
  { title: 'would change', of: host => host.wouldChange, tone: 'changed', idleIn: 'run' },
  { title: 'unknown', of: host => host.unknown, tone: 'unsure', idleIn: 'run' },
  { title: 'skipped', of: host => host.skipped, tone: 'quiet' },
  { title: 'failed', of: host => host.failed, tone: 'bad' },
  { title: 'unreachable', of: host => Number(host.unreachable), tone: 'bad' },
]

/** `host : ok=3  changed=1 …` as Ansible prints it, every column aligned, a number that matters coloured. */
function table(hosts: readonly HostSummary[], { mode, brush }: { mode: Mode; brush: Paint }): string[] {
  const longest = Math.max(0, ...hosts.map(host => width(oneLine(host.host))))
  const columns = COLUMNS.filter(column => column.idleIn !== mode || hosts.some(host => column.of(host) > 0)).map(column => ({
    ...column,
    room: column.title.length + 1 + Math.max(1, ...hosts.map(host => String(column.of(host)).length)),
  }))
  return hosts.map(host => {
    const cells = columns.map(({ title, of, tone, room }) => {
      const cell = `${title}=${of(host)}`
      return `${of(host) > 0 ? brush[tone](cell) : cell}${' '.repeat(room - cell.length)}`
    })
    return `${pad(oneLine(host.host), longest)} : ${cells.join('  ')}`.trimEnd()
  })
}

/** The exit code in words: design §5 lists what each one means. */
function verdict({ exitCode, hosts, failures: causes, at }: RunFinished, mode: Mode, brush: Paint): string {
  const total = (of: (host: HostSummary) => number): number => sum(hosts, of)
  const changed = total(host => host.changed)
  const done = mode === 'check' ? foreseen(hosts) : `${changed} changed`
  const took = `in ${duration(at)}`
  const exit = `(exit code ${exitCode})`
  const lost = hosts.filter(host => host.unreachable).length
  switch (exitCode) {
    case 0:
      if (mode === 'check') return brush.good(`check: nothing to do ${took}`)
      return brush.good(changed === 0 ? `nothing to do, ${total(host => host.ok)} ok ${took}` : `${done} ${took}`)
    case 2:
    case 3:
      return (exitCode === 2 ? brush.changed : brush.unsure)(`check: ${done} ${took} ${exit}`)
    case 4:
      return brush.bad(`unreachable: ${count(lost, 'host')}; ${done} ${took} ${exit}`)
    case 130:
      return brush.bad(`interrupted after ${duration(at)}: ${done}; the same command goes on from here ${exit}`)
    default:
      return brush.bad(`failed: ${count(causes.length, 'failure')} on ${count(new Set(causes.map(cause => cause.host)).size, 'host')}; ${done} ${took} ${exit}`)
  }
}

function foreseen(hosts: readonly HostSummary[]): string {
  const unknown = sum(hosts, host => host.unknown)
  return `${sum(hosts, host => host.wouldChange)} would change${unknown > 0 ? `, ${unknown} unknown` : ''}`
}

function sum(hosts: readonly HostSummary[], of: (host: HostSummary) => number): number {
  return hosts.reduce((total, host) => total + of(host), 0)
}
