import type { Failed } from '../model/failure.ts'
import type { TaskOutcome } from '../model/event.ts'
import { changeSummary } from './change-summary.ts'
import { failedBlock } from './failed-block.ts'
import { Markup, markup } from './markup.ts'
import { paint } from './paint.ts'
import type { RecordedNode, RecordedRun } from './recorded-run.ts'

interface Case {
  readonly name: string
  readonly milliseconds: number
  readonly verdict: 'passed' | 'skipped' | 'failure' | 'error'
  readonly body: Markup
}

/**
 * Results as CI services read them (the JUnit XML that Jenkins and GitLab take): a suite is a play on a host, a case is a task. What check mode would change or does not know is no failure,
 * and is told in the case's output; the exit code judges it.
 *
 * @param root paths of files are shown relative to it
 */
export function junit({ started, nodes }: RecordedRun, { root }: { readonly root: string }): string {
  const suites = nodes.map(node => suite(node, root))
  const body = markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="${started.playbook}">
${suites}</testsuites>
`
  return body.toString()
}

function suite(node: RecordedNode, root: string): Markup {
  const cases = [...node.tasks.map(({ task, outcome, milliseconds }) => taskCase(task.title, outcome, milliseconds)), ...nodeCases(node, root)]
  const count = (verdict: Case['verdict']): number => cases.filter(each => each.verdict === verdict).length
  return markup`  <testsuite name="${node.node}" hostname="${node.host}" tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}" time="${seconds(node.to - node.from)}">
${cases.map(each => markup`    <testcase classname="${node.node}" name="${each.name}" time="${seconds(each.milliseconds)}">${each.body}</testcase>
`)}  </testsuite>
`
}

function taskCase(name: string, outcome: TaskOutcome, milliseconds: number): Case {
  const of = (verdict: Case['verdict'], body: Markup): Case => ({ name, milliseconds, verdict, body })
  switch (outcome.type) {
    case 'ok':
      return of('passed', NOTHING)
    case 'changed':
      return of('passed', said(`changed: ${changeSummary(outcome.changes)}`))
    case 'would-change':
      return of('passed', said(`would change: ${changeSummary(outcome.changes)}`))
    case 'unknown':
      return of('passed', said(`unknown: ${outcome.why}`))
    case 'skipped':
      return of('skipped', markup`<skipped message="${outcome.why}"/>`)
    case 'failed':
      return outcome.ignored === undefined
        ? of('failure', markup`<failure type="${outcome.failure.reason}" message="${outcome.failure.message}">${evidence(outcome.failure)}</failure>`)
        : of('passed', said(`failed, ignored (${outcome.ignored}): ${outcome.failure.message}`))
  }
}

/** What no task of the node tells: it could not be reached, waited in vain, or had nothing to do. */
function nodeCases({ outcome, play, tasks, to, from }: RecordedNode, root: string): readonly Case[] {
  const only = (verdict: Case['verdict'], body: Markup): readonly Case[] => [{ name: play, milliseconds: to - from, verdict, body }]
  switch (outcome.type) {
    case 'done':
      return []
    case 'skipped':
      return only('skipped', markup`<skipped message="${outcome.why}"/>`)
    case 'blocked':
      return only('skipped', markup`<skipped message="blocked by ${outcome.by}"/>`)
    case 'unknown':
      return only('passed', said(`unknown: ${outcome.why}`))
    case 'unreachable':
      return only('error', problem('error', outcome.failed, root))
    case 'failed':
      return tasks.some(task => task.outcome.type === 'failed' && task.outcome.ignored === undefined) ? [] : only('failure', problem('failure', outcome.failed, root))
  }
}

function problem(kind: 'error' | 'failure', failed: Failed, root: string): Markup {
  const text = failedBlock(failed, { index: 1, root, brush: paint(false) }).join('\n')
  return kind === 'error' ? markup`<error type="${failed.failure.reason}" message="${failed.failure.message}">${text}</error>` : markup`<failure type="${failed.failure.reason}" message="${failed.failure.message}">${text}</failure>`
}

function evidence(failure: Failed['failure']): string {
  const said = 'stderr' in failure ? failure.stderr : ''
  return `${said}${said === '' || said.endsWith('\n') ? '' : '\n'}next: ${failure.remedy}`
}

const NOTHING = new Markup('')

function said(text: string): Markup {
  return markup`<system-out>${text}</system-out>`
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3)
}
