import { spawnSync } from 'node:child_process'
import { expect } from 'vitest'
import type { Change, Shown } from '../../../engine/model/change.ts'
import type { SourceFile } from '../../../engine/model/session.ts'
import type { Task } from '../../../engine/model/task.ts'
import { shells } from './shells.ts'

const noSource = (path: string): SourceFile => {
  throw new Error(`the plan asked for ${path}`)
}

/** What a task finds on a host whose probe printed this: one line a change, `attribute: from → to`. */
export function plan(task: Task, stdout: string, source = noSource): readonly string[] {
  return task.assess({ status: 0, stdout, stderr: '' }, source).changes.map(told)
}

/** The script that a task would run there; every shell of this machine can read it. */
export function applied(task: Task, stdout: string, source = noSource): string {
  const { command } = task.assess({ status: 0, stdout, stderr: '' }, source).apply()
  expectToParse(task, command.text)
  return command.text
}

/** Probe and script are POSIX sh as far as `-n` can tell. */
export function expectToParse(task: Task, script: string = task.probe.command.text): void {
  for (const { name, command: [program, ...words] } of shells) {
    const { status, stderr } = spawnSync(program, [...words, '-n'], { input: `${task.helpers ?? ''}\n(\n${script}\n)\n`, encoding: 'utf8' })
    expect({ shell: name, status, stderr }).toEqual({ shell: name, status: 0, stderr: '' })
  }
}

function told(change: Change): string {
  switch (change.effect) {
    case 'modifies':
      return `${change.attribute}: ${shown(change.from)} → ${shown(change.to)}`
    case 'destroys':
      return `${change.attribute}: destroyed${change.permitted ? '' : ' if allowed'}, because ${change.because}`
    case 'runs':
    case 'waits':
      return `${change.attribute}: ${change.effect}`
  }
}

function shown(side: Shown): string {
  switch (side.type) {
    case 'absent':
      return 'absent'
    case 'value':
      return side.value
    case 'text':
      return JSON.stringify(side.text)
    case 'secret':
      return '***'
  }
}
