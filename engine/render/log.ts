import type { Change } from '../model/change.ts'
import type { Event, TaskOutcome } from '../model/event.ts'
import type { Failure } from '../model/failure.ts'
import { name } from './cells.ts'
import { changeSummary } from './change-summary.ts'
import { count } from './count.ts'
import { diff, type Compare } from './diff.ts'
import { duration } from './duration.ts'
import { oneLine } from './escape.ts'
import { hostOn } from './failed-block.ts'
import { percent } from './percent.ts'
import { paint, type Paint } from './paint.ts'
import { reportTable } from './report-table.ts'

export interface LogOptions {
  readonly color: boolean
  readonly verbose: boolean
  /** With it every difference is shown below its line, line by line. */
  readonly compare?: Compare | undefined
}

/** Durations under this are not worth the room on a line. */
const WORTH_SAYING = 1000
/** Somebody may wait for fifty hosts. */
const LONGEST_WAIT = 160

/**
 * What a log says about an event, in lines: `[host] play : title  outcome`. Nothing for what is as wanted, unless verbose.
 * The recap is not part of it.
 */
export function log(event: Event, options: LogOptions): string[] {
  const brush = paint(options.color)
  switch (event.type) {
    case 'run-started':
      return [opening(event, brush)]
    case 'host-connected':
      return options.verbose ? [brush.quiet(`[${oneLine(event.host)}] connected in ${duration(event.milliseconds)}${carried(event)}`)] : []
    case 'node-started':
    case 'task-started':
    case 'task-listed':
    case 'frame':
      return []
    case 'node-waiting':
      // In a large run most nodes wait for some other: of interest to whoever looks for the slow one.
      return options.verbose ? [`${at(event)} : ${brush.quiet(`waiting for ${name(event.for, LONGEST_WAIT)}`)}`] : []
    case 'transfer-progress':
      return options.verbose ? [brush.quiet(`${at(event)} : ${percent(event)} of ${oneLine(event.path)} sent`)] : []
    case 'block-rescued':
      return [`${at(event)} : ${brush.unsure(`rescue of ${oneLine(event.block)}`)}, because ${oneLine(event.failed.task ?? 'a task')} failed`]
    case 'report-made':
      return reportTable(event, brush)
    case 'handler-pending':
      return [`${at(event)} : ${brush.changed(`handler ${oneLine(event.handler)} is due`)}`]
    case 'output-made':
      return options.verbose ? [brush.quiet(`${at(event)} : output ${oneLine(event.output)} ${event.minted ? 'minted' : 'read'}`)] : []
    case 'output-failed':
      return [`${at(event)} : ${brush.bad(cause('failed', event.failed.failure))}`]
    case 'output-revoked':
      return event.problem === undefined
        ? options.verbose ? [brush.quiet(`${at(event)} : output ${oneLine(event.output)} revoked`)] : []
        : [`${at(event)} : ${brush.bad(`output ${oneLine(event.output)} could not be revoked: ${oneLine(event.problem)}`)}`]
    case 'task-finished':
      return finishedTask(event, options, brush)
    case 'node-finished':
      return finishedNode(event, options, brush)
    case 'warning':
      return [`[${oneLine(event.host)}] ${brush.unsure('warning')}: ${oneLine(event.message)}`]
    case 'interrupted':
      return [brush.bad(event.level === 'kill' ? 'interrupted again: killing what runs' : 'interrupted: nothing new starts, running tasks finish (Ctrl-C again kills them)')]
    case 'run-finished':
      return []
  }
}

function opening({ playbook, mode, plays }: Extract<Event, { type: 'run-started' }>, brush: Paint): string {
  const full = plays.filter(play => play.mode === 'full')
  const asked = plays.length - full.length
  const what = `${count(full.length, 'play')} on ${count(new Set(full.flatMap(play => play.hosts)).size, 'host')}`
  return `${brush.strong(oneLine(playbook))}: ${what}${asked > 0 ? `, ${asked} more only for outputs` : ''}${mode === 'check' ? ', check mode: nothing is changed' : ''}`
}

function finishedTask(event: Extract<Event, { type: 'task-finished' }>, { verbose, compare }: LogOptions, brush: Paint): string[] {
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
function finishedNode(event: Extract<Event, { type: 'node-finished' }>, { verbose }: LogOptions, brush: Paint): string[] {
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
function cause(word: string, { reason, message }: Failure): string {
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

/** ` over openssh: there is a user certificate beside …` */
function carried({ transport, because }: { readonly transport?: string; readonly because?: string }): string {
  return transport === undefined || transport === 'local' ? '' : ` over ${oneLine(transport)}${because === undefined ? '' : `: ${oneLine(because)}`}`
}

function at(event: { readonly host: string; readonly on?: string | undefined; readonly play: string }): string {
  return `[${hostOn(event.host, event.on)}] ${oneLine(event.play)}`
}

