import type { HostSummary } from '../model/event.ts'
import { changeSummary } from './change-summary.ts'
import { count } from './count.ts'
import { diff, type Compare } from './diff.ts'
import { duration } from './duration.ts'
import { failedBlock } from './failed-block.ts'
import { STYLE } from './html-style.ts'
import { Markup, markup } from './markup.ts'
import { paint } from './paint.ts'
import { recap } from './recap.ts'
import type { RecordedNode, RecordedRun } from './recorded-run.ts'
import { timeline } from './timeline.ts'

export interface HtmlReportOptions {
  /** Paths below this folder are shown relative to it. */
  readonly root: string
  readonly compare: Compare
  /** When it was made. */
  readonly date: Date
}

const PLAIN = paint(false)

/** A run on one page that needs nothing else, no script included: verdict, failures, hosts, tables of roles, when what ran where, and every change with its differences. */
export function htmlReport(run: RecordedRun, options: HtmlReportOptions): string {
  const { started, finished, nodes, tables, warnings } = run
  const title = `${started.playbook}${started.mode === 'check' ? ', check mode' : ''}`
  const verdict = finished === undefined ? 'The recording ends before the run did.' : (recap(finished, { mode: started.mode, color: false, root: options.root }).at(-1) ?? '')
  const total = finished?.at ?? Math.max(0, ...nodes.map(node => node.to))
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title><style>${new Markup(STYLE)}</style></head>
<body><header><h1>${title}</h1><p class="verdict code${finished?.exitCode ?? 1}">${verdict}</p><p class="quiet">${options.date.toISOString()}, seed ${started.seed}</p></header>
${failures(run, options)}
${section('Warnings', warnings.map(({ host, message }) => markup`<p><b>${host}</b> ${message}</p>`))}
${section('Hosts', finished === undefined ? [] : [hosts(finished.hosts)])}
${tables.map(({ title: name, columns, rows }) => section(name, [table(columns, rows)]))}
${section('When what ran where', nodes.length === 0 ? [] : [timeline(nodes, total)])}
${section('Plays', nodes.map(node => play(node, options)))}
</body></html>
`.toString()
}

function section(title: string, content: readonly Markup[]): Markup {
  return content.length === 0 ? NOTHING : markup`<section><h2>${title}</h2>${content}</section>`
}

/** Root causes only, as in the recap. */
function failures({ finished }: RecordedRun, { root }: HtmlReportOptions): Markup {
  return section('Failures', (finished?.failures ?? []).map((failed, index) => markup`<pre class="failure">${failedBlock(failed, { index: index + 1, root, brush: PLAIN }).join('\n')}</pre>`))
}

const COLUMNS = ['host', 'ok', 'changed', 'would change', 'unknown', 'skipped', 'failed', 'unreachable', 'blocked']

function hosts(summaries: readonly HostSummary[]): Markup {
  return table(COLUMNS, summaries.map(({ host, ok, changed, wouldChange, unknown, skipped, failed, unreachable, blocked }) => [host, ...[ok, changed, wouldChange, unknown, skipped, failed, Number(unreachable), blocked].map(String)]))
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): Markup {
  return markup`<table><thead><tr>${columns.map(column => markup`<th>${column}</th>`)}</tr></thead><tbody>
${rows.map(row => markup`<tr>${row.map(cell => markup`<td${cell === '0' ? new Markup(' class="zero"') : NOTHING}>${cell}</td>`)}</tr>
`)}</tbody></table>`
}

function play({ node, outcome, from, to, tasks }: RecordedNode, options: HtmlReportOptions): Markup {
  const told = tasks.filter(task => task.outcome.type !== 'ok' && task.outcome.type !== 'skipped')
  const ok = tasks.filter(task => task.outcome.type === 'ok').length
  const why = outcome.type === 'skipped' || outcome.type === 'unknown' ? [outcome.why] : outcome.type === 'blocked' ? [`by ${outcome.by}`] : []
  const facts = [...why, ...(to > from ? [duration(to - from)] : []), ...(tasks.length > 0 ? [`${count(tasks.length, 'task')}, ${ok} ok`] : [])]
  const summary = markup`<span class="${outcome.type}">${outcome.type}</span> <b>${node}</b> <span class="quiet">${facts.join(', ')}</span>`
  return told.length === 0 ? markup`<p class="node">${summary}</p>` : markup`<details${outcome.type === 'done' ? NOTHING : new Markup(' open')}><summary>${summary}</summary>${told.map(task => change(task, options))}</details>`
}

function change({ task, outcome, milliseconds, host }: RecordedNode['tasks'][number], { compare }: HtmlReportOptions): Markup {
  const changes = 'changes' in outcome ? outcome.changes : []
  const why = outcome.type === 'unknown' ? outcome.why : outcome.type === 'failed' ? outcome.failure.message : changeSummary(changes)
  const lines = diff(changes, { host, brush: PLAIN, compare })
  return markup`<article><p><span class="${outcome.type}">${outcome.type.replace('-', ' ')}</span> ${task.handler ? 'handler ' : ''}${task.title} <span class="quiet">${duration(milliseconds)}</span></p><p class="quiet">${why}</p>${lines.length === 0 ? NOTHING : markup`<pre>${lines.map(line => markup`<span class="${kind(line)}">${line}
</span>`)}</pre>`}</article>`
}

function kind(line: string): string {
  const first = line.trimStart().at(0)
  return first === '+' ? 'added' : first === '-' ? 'removed' : 'kept'
}

const NOTHING = new Markup('')
