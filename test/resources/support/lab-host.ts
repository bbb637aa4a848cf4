import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { Change } from '../../../engine/model/change.ts'
import { quote } from '../../../engine/model/command.ts'
import type { Script } from '../../../engine/model/script.ts'
import { Secret } from '../../../engine/model/secret.ts'
import type { SectionResult } from '../../../engine/model/session.ts'
import type { Task } from '../../../engine/model/task.ts'
import type { Lab } from '../../lab/lab.ts'
import { controllerFile, type Look } from './local-host.ts'

/** A lab host as a task sees it: scripts run as root, in a subshell after the helpers, as the framed shell does it. */
export interface LabHost {
  look(task: Task): Promise<Look>
  apply(task: Task, script: Script): Promise<SectionResult>
  /** SIGKILL for all of the script so many seconds after its begin. */
  applyAndKill(task: Task, script: Script, seconds: number): Promise<void>
  /** stdout of a command that has to succeed. */
  sh(command: string): Promise<string>
}

export function labHost(lab: Lab, host: string): LabHost {
  const program = (script: Script, helpers = ''): string => `sh -c ${quote(`umask 077; cd /; LC_ALL=C; export LC_ALL\n${helpers}\n(\n${script.command.text}\n)`)}`
  const run = async (script: Script, helpers: string | undefined): Promise<SectionResult> => {
    const { code, stdout, stderr } = await lab.exec(host, program(script, helpers), { input: stdinOf(script), timeout: 300_000 })
    return { status: code, stdout, stderr }
  }
  return {
    apply: (task, script) => run(script, task.helpers),
    async look(task) {
      const result = await run(task.probe, task.helpers)
      if (result.status !== 0) return { type: 'failed', result }
      return { type: 'seen', ...task.assess(result, controllerFile), stdout: result.stdout }
    },
    async applyAndKill(task, script, seconds) {
      // A shell gives what it puts into the background no stdin, so it comes from a file.
      const receive = script.stdin === undefined ? ': >/run/stdin' : 'cat >/run/stdin'
      const command = `${receive}; setsid ${program(script, task.helpers)} </run/stdin >/dev/null 2>&1 & sleep ${seconds}; kill -9 -$! 2>/dev/null; wait; rm /run/stdin`
      await lab.exec(host, `sh -c ${quote(command)}`, { input: stdinOf(script) })
    },
    async sh(command) {
      const outcome = await lab.exec(host, command, { timeout: 300_000 })
      expect(outcome, `${command}: ${outcome.stderr}`).toMatchObject({ code: 0 })
      return outcome.stdout
    },
  }
}

/** The names of what differs; fails the test when it cannot look. */
export async function differences(host: LabHost, task: Task): Promise<readonly string[]> {
  return (await changes(host, task)).map(change => change.attribute)
}

/** Looks, applies, looks again: nothing may differ then. @returns the names of what differed at first */
export async function converge(host: LabHost, task: Task): Promise<readonly string[]> {
  const look = await host.look(task)
  if (look.type === 'failed') throw new Error(`the probe failed: ${look.result.stderr}`)
  if (look.changes.length > 0) {
    const applied = await host.apply(task, look.apply())
    expect(applied, applied.stderr).toMatchObject({ status: 0 })
  }
  expect(await changes(host, task)).toEqual([])
  return look.changes.map(change => change.attribute)
}

/** What a run that fails says on stderr. */
export async function failure(host: LabHost, task: Task): Promise<string> {
  const look = await host.look(task)
  if (look.type === 'failed') return look.result.stderr
  const applied = await host.apply(task, look.apply())
  expect(applied.status).not.toBe(0)
  return applied.stderr
}

/**
 * Names below which something was written while `what` ran, down to the times of an inode. Not systemd's own book-keeping, and not the archives of apt,
 * which a lab shares between its hosts by hard links.
 */
export async function writtenBy(host: LabHost, what: () => Promise<unknown>): Promise<readonly string[]> {
  // A tick of the file system's clock on either side, so that nothing is missed and nothing of before is counted.
  await host.sh('sleep 0.02; touch /run/before; sleep 0.02')
  await what()
  const found = await host.sh(`find /etc /usr /opt /srv /home /root /boot /var/lib /var/cache -xdev ! -path '/var/lib/systemd*' ! -path '/var/cache/apt*' ! -path /home/ops -cnewer /run/before`)
  return found.split('\n').filter(line => line !== '')
}

async function changes(host: LabHost, task: Task): Promise<readonly Change[]> {
  const look = await host.look(task)
  if (look.type === 'failed') throw new Error(`the probe failed: ${look.result.stderr}`)
  return look.changes
}

function stdinOf({ stdin }: Script): string {
  if (stdin === undefined) return ''
  if (stdin instanceof Secret) return Secret.reveal(stdin)
  if (typeof stdin === 'string') return stdin
  // Text only: what tests send here is ASCII, archives included.
  return stdin instanceof Uint8Array ? Buffer.from(stdin).toString() : readFileSync(stdin.path, 'utf8')
}
