import type { Event } from '../model/event.ts'
import { name } from './cells.ts'
import { count } from './count.ts'
import { duration } from './duration.ts'
import { oneLine } from './escape.ts'
import { at, cause, finishedNode, finishedTask, type EndOptions } from './log-end.ts'
import { percent } from './percent.ts'
import { paint, type Paint } from './paint.ts'
import { reportTable } from './report-table.ts'

export interface LogOptions extends EndOptions {
  readonly color: boolean
}

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

/** ` over openssh: there is a user certificate beside …` */
function carried({ transport, because }: { readonly transport?: string; readonly because?: string }): string {
  return transport === undefined || transport === 'local' ? '' : ` over ${oneLine(transport)}${because === undefined ? '' : `: ${oneLine(because)}`}`
}
