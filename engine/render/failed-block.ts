import type { Failed, Failure } from '../model/failure.ts'
import type { Origin } from '../model/origin.ts'
import { oneLine, printable } from './escape.ts'
import type { Paint } from './paint.ts'

const LAST_LINES = 10

interface BlockOptions {
  /** Its number among the causes; the recap counts them. */
  readonly index: number
  readonly root: string
  readonly brush: Paint
}

/** A root cause: where it stands in the playbook, where it happened, what was said, and what to do next. */
export function failedBlock({ failure, host, on, play, task, origin }: Failed, { index, root, brush }: BlockOptions): string[] {
  const where = `[${hostOn(host, on)}] ${oneLine(play)}${task === undefined ? '' : ` : ${oneLine(task)}`}`
  return [
    `${brush.bad(`${index}. ${failure.reason}`)} ${brush.strong(where)}`,
    ...indented(`at ${place(origin, root)}`),
    ...indented(failure.message),
    ...evidence(failure).flatMap(line => indented(line)),
    ...indented(`next: ${failure.remedy}`),
  ]
}

/** The host, and the one that its task was executed on: `web1 → lb1`. */
export function hostOn(host: string, on: string | undefined): string {
  return on === undefined ? oneLine(host) : `${oneLine(host)} → ${oneLine(on)}`
}

/** `file:line`, relative to where the user stands. */
export function place({ file, line }: Origin, root: string): string {
  const folder = root.endsWith('/') ? root : `${root}/`
  const shown = file.startsWith(folder) ? file.slice(folder.length) : file
  return oneLine(line > 0 ? `${shown}:${line}` : shown)
}

/** What the command said, where the failure has a command. */
function evidence(failure: Failure): string[] {
  switch (failure.reason) {
    case 'apply-failed':
      return [...status(failure.status), ...said('stdout', failure.stdout), ...said('stderr', failure.stderr)]
    case 'probe-failed':
      return [...status(failure.status), ...said('stderr', failure.stderr)]
    case 'timed-out':
    case 'did-not-converge':
      return said('stderr', failure.stderr)
    default:
      return []
  }
}

function status(code: number | undefined): string[] {
  return code === undefined ? [] : [`rc: ${code}`]
}

function said(stream: string, text: string): string[] {
  const lines = text.trimEnd().split('\n')
  if (lines.length === 1 && lines[0] === '') return []
  const left = lines.length - LAST_LINES
  return [`${stream}:${left > 0 ? ` (last ${LAST_LINES} of ${lines.length} lines)` : ''}`, ...lines.slice(-LAST_LINES).map(line => `  ${line}`)]
}

function indented(text: string): string[] {
  return printable(text).split('\n').map(line => `   ${line}`)
}
