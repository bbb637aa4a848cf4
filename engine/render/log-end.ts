import type { Change } from '../model/change.ts'
import type { Event, TaskOutcome } from '../model/event.ts'
import type { Failure } from '../model/failure.ts'
import { changeSummary } from './change-summary.ts'
import { diff, type Compare } from './diff.ts'
import { duration } from './duration.ts'
import { oneLine } from './escape.ts'
import { hostOn } from './failed-block.ts'
import type { Paint } from './paint.ts'

export interface EndOptions {
  readonly verbose: boolean
  /** With it every difference is shown below its line, line by line. */
  readonly compare?: Compare | undefined
}

/** Durations under this are not worth the room on a line. */
const WORTH_SAYING = 1000

/** The end of a task. Nothing for what is as wanted, unless verbose. */
export function finishedTask(event: Extract<Event, { type: 'task-finished' }>, { verbose, compare }: EndOptions, brush: Paint): string[] {
  const { outcome, task, host } = event
  if (!verbose && (outcome.type === 'ok' || outcome.type === 'skipped')) return []
  const title = `${task.handler ? 'handler ' : ''}${oneLine(task.title)}`
  const time = event.milliseconds >= WORTH_SAYING ? brush.quiet(` (${duration(event.milliseconds)})`) : ''
  const line = (shown: TaskOutcome): string => `${at({ ...event, on: task.on })} : ${title}: ${saying(shown, brush)}${time}`
  if (!compare || !('changes' in outcome)) return [line(outcome)]
  return [line({ ...outcome, changes: [] }), ...diff(outcome.changes, { host, brush, compare }).map(text => `    ${text}`.trimEnd())]
}

/** The outcome in words, with the difference or the reason. */
function saying(outcome: TaskOutcome, brush: Paint): string {
  switch (outcome.type) {
    case 'ok':
      return brush.good('ok')
    case 'changed':
      return `${loud(outcome.changes, brush)(outcome.verified ? 'changed' : 'changed (not verified)')}${detail(outcome.changes)}`
    case 'would-change':
      return `${loud(outcome.changes, brush)(outcome.validated === false ? 'would change (not validated)' : 'would change')}${detail(outcome.changes)}`
    case 'unknown':
      return `${brush.unsure('unknown')}: ${oneLine(outcome.why)}${outcome.changes.length > 0 ? ` (${changeSummary(outcome.changes)})` : ''}`
    case 'skipped':
      return brush.quiet(`skipped: ${oneLine(outcome.why)}`)
    case 'failed':
      return outcome.ignored === undefined ? brush.bad(cause('failed', outcome.failure)) : brush.changed(`${cause('failed', outcome.failure)} (ignored: ${oneLine(outcome.ignored)})`)
  }
}

/** A node's own end is news only where no task of it told the same. */
export function finishedNode(event: Extract<Event, { type: 'node-finished' }>, { verbose }: EndOptions, brush: Paint): string[] {
  const { outcome } = event
  const line = (text: string): string[] => [`${at(event)} : ${text}`]
  switch (outcome.type) {
    case 'done':
      return verbose ? line(brush.quiet(`done in ${duration(event.milliseconds)}`)) : []
    case 'skipped':
      return verbose ? line(brush.quiet(`skipped: ${oneLine(outcome.why)}`)) : []
    case 'unknown':
      return line(`${brush.unsure('unknown')}: ${oneLine(outcome.why)}`)
    case 'failed':
      return outcome.failed.task === undefined ? line(brush.bad(cause('failed', outcome.failed.failure))) : []
    case 'unreachable':
      return line(brush.bad(cause('unreachable', outcome.failed.failure)))
    case 'blocked':
      return verbose ? line(brush.quiet(`blocked by ${oneLine(outcome.by)}`)) : []
  }
}

/** The first line of the message; the recap has the rest. */
export function cause(word: string, { reason, message }: Failure): string {
  const first = message.trim().split('\n', 1)[0] ?? ''
  return `${word}${reason === word ? '' : ` (${reason})`}: ${oneLine(first)}`
}

/** A loss of data is not one change among others. */
function loud(changes: readonly Change[], brush: Paint): Paint['bad'] {
  return changes.some(change => change.effect === 'destroys') ? brush.bad : brush.changed
}

function detail(changes: readonly Change[]): string {
  return changes.length > 0 ? `: ${changeSummary(changes)}` : ''
}

/** `[host] play`: whose line it is. */
export function at(event: { readonly host: string; readonly on?: string | undefined; readonly play: string }): string {
  return `[${hostOn(event.host, event.on)}] ${oneLine(event.play)}`
}

