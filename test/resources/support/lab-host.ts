import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { connect } from '../../../engine/connection/connect.ts'
import { quote } from '../../../engine/model/command.ts'
import type { Script } from '../../../engine/model/script.ts'
import type { Changer, Frame, SectionResult, Session } from '../../../engine/model/session.ts'
import type { Task } from '../../../engine/model/task.ts'
import { probeSection } from '../../../engine/run/scope.ts'
import type { Lab } from '../../lab/lab.ts'
import { controllerFile, type Look } from './local-host.ts'

/** A lab host as the engine sees it: root's framed shell over SSH. */
export interface LabHost {
  look(task: Task): Promise<Look>
  /** What the probes say in one frame, where they share their looks. */
  together(tasks: readonly Task[]): Promise<readonly SectionResult[]>
  /** A change and what follows it, in one frame. */
  frame(sections: Frame['sections']): Promise<readonly SectionResult[]>
  /** Status `undefined`: the connection broke. */
  apply(task: Task, script: Script): Promise<SectionResult>
  /** SIGKILL for all of the script so many seconds after its begin, or after it first ran a program of that name. */
  applyAndKill(task: Task, script: Script, moment: { readonly seconds: number; readonly after?: string }): Promise<void>
  /** stdout of a command that has to succeed. */
  sh(command: string): Promise<string>
  /** Also after the host lost its power: what comes next connects anew. */
  close(): Promise<void>
}

export function labHost(lab: Lab, host: string): LabHost {
  const signal = new AbortController().signal
  let session: Promise<Session> | undefined
  const shell = async (): Promise<Changer> => {
    session ??= connected(lab, host)
    const opened = await (await session).shell(undefined)
    if ('type' in opened) throw new Error(opened.message)
    return opened
  }
  const one = async (section: Frame['sections'][number], way: 'query' | 'apply'): Promise<SectionResult> => {
    const changer = await shell()
    const reply = await (way === 'query' ? changer.query([section], signal) : changer.apply({ sections: [section], deadline: 300_000 }, signal))
    if (reply.type === 'refused') throw new Error(reply.failure.message)
    if (reply.type === 'lost') return { status: undefined, stdout: '', stderr: reply.message }
    const [result] = reply.results
    if (reply.type === 'timed-out' || result === undefined) throw new Error(`${section.script}: timed out`)
    return result
  }
  const section = ({ command, stdin }: Script, helpers: string | undefined) =>
    ({ script: command.text, ...(stdin === undefined ? {} : { stdin }), ...(helpers === undefined ? {} : { helpers }) })
  return {
    apply: (task, script) => one(section(script, task.helpers), 'apply'),
    async look(task) {
      const result = await one(section(task.probe, task.helpers), 'query')
      if (result.status !== 0) return { type: 'failed', result }
      return { type: 'seen', ...task.assess(result, controllerFile), stdout: result.stdout }
    },
    async together(tasks) {
      const reply = await (await shell()).query(tasks.map(probeSection), signal)
      if (reply.type !== 'replied') throw new Error(`the probes were ${reply.type}`)
      return reply.results
    },
    async frame(sections) {
      const reply = await (await shell()).apply({ sections, deadline: 300_000 }, signal)
      if (reply.type !== 'replied') throw new Error(`the frame was ${reply.type}`)
      return reply.results
    },
    async applyAndKill(task, { command, ...rest }, { seconds, after }) {
      // As a frame's program begins.
      const program = quote(`umask 077\nTSP_RANDOM=${randomBytes(8).toString('hex')}\n${task.helpers ?? ''}\n(\n${command.text}\n)`)
      const begun = after === undefined ? '' : `while kill -0 $! 2>/dev/null && ! pgrep -x ${after} >/dev/null; do sleep 0.01; done\n`
      // What a shell puts into the background gets no stdin of its own accord.
      const text = `exec 3<&0\nsetsid sh -c ${program} <&3 >/dev/null 2>&1 &\n${begun}sleep ${seconds}\nkill -9 -$! 2>/dev/null\nwait $! || :`
      await one(section({ command: { type: 'command', text }, ...rest }, undefined), 'apply')
    },
    async sh(text) {
      const result = await one({ script: `umask 022\n${text}` }, 'apply')
      expect(result, `${text}: ${result.stderr}`).toMatchObject({ status: 0 })
      return result.stdout
    },
    async close() {
      const open = session
      session = undefined
      await (await open)?.close()
    },
  }
}

async function connected(lab: Lab, host: string): Promise<Session> {
  const session = await connect({
    name: host, address: lab.address(host), port: 22, user: 'root', connection: 'ssh2', privateKeyFile: lab.keyFile, knownHostsFiles: [lab.knownHosts], acceptNew: false, connectTimeout: 60_000,
  })
  if ('type' in session) throw new Error(`${host}: ${session.message}`)
  return session
}

/** The names of what differs; fails the test when it cannot look. */
export async function differences(host: LabHost, task: Task): Promise<readonly string[]> {
  return (await seen(host, task)).changes.map(change => change.attribute)
}

/** Looks, applies, looks again: nothing may differ then. @returns the names of what differed at first */
export async function converge(host: LabHost, task: Task): Promise<readonly string[]> {
  const look = await seen(host, task)
  if (look.changes.length > 0) {
    const applied = await host.apply(task, look.apply())
    expect(applied, applied.stderr).toMatchObject({ status: 0 })
  }
  expect(look.changes.length > 0 ? (await seen(host, task)).changes : []).toEqual([])
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
  const found = await host.sh(`find /etc /usr /opt /srv /home /root /boot /var/lib -xdev ! -path '/var/lib/systemd*' ! -path /home/ops -cnewer /run/before`)
  return found.split('\n').filter(line => line !== '')
}

/** @throws Error when the probe failed */
export async function seen(host: LabHost, task: Task): Promise<Extract<Look, { type: 'seen' }>> {
  const look = await host.look(task)
  if (look.type === 'failed') throw new Error(`the probe failed: ${look.result.stderr}`)
  return look
}
