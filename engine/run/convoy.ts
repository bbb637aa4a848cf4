import { example, isExpectable, type Expectation } from '../model/expectation.ts'
import { Secret } from '../model/secret.ts'
import type { Section, SectionResult } from '../model/session.ts'
import type { Assessment, Task } from '../model/task.ts'
import type { Handlers } from './handlers.ts'
import { look } from './look.ts'
import { placeOf, samePlace } from './place.ts'
import type { Answer, Probes } from './probes.ts'
import { probeSection, section, type Scope, type SourceOf } from './scope.ts'

/** How many tasks go together, and how much of them: it bounds what still happens after Ctrl-C. */
const MOST = 48
const MOST_BYTES = 256 * 1024

/** A section of an apply frame, and what its result is of. */
export type Step =
  | { readonly does: 'mark'; readonly section: Section }
  | { readonly does: 'look'; readonly task: Task; readonly section: Section }
  | { readonly does: 'apply'; readonly task: Task; readonly assessment: Assessment; readonly section: Section }

/** Who may go along, and who hears of it. */
export interface Company {
  /** Tasks that follow in the same list: nothing else than their predecessors decides whether they run. */
  readonly beside: ReadonlySet<Task>
  readonly handlers: Handlers
  /** Changes that were made along with one before them. */
  readonly made: Map<Task, Companion>
}

export interface Companion {
  readonly assessment: Assessment
  readonly applied: SectionResult
  /** What its probe said afterwards. */
  readonly answer: SectionResult | undefined
  /** Its share of the frame's time. */
  readonly milliseconds: number
}

interface Parts {
  readonly task: Task
  readonly assessment: Assessment
  /** What comes next if all goes well, up to the next flush; looked at in the same round trip. */
  readonly following: readonly Task[]
  readonly company: Company | undefined
  readonly probes: Probes
  readonly source: SourceOf
}

/**
 * What comes in a frame after the section that applies `task`: probes of it and of what follows, up to the next task that differs; and where the host
 * itself can tell that everything is as it would be if we had asked in between, that task's change too, and so on.
 *
 * Before each change the host has to see: that the task before it is done, as its kind said; that those between are still as wanted; that the task itself
 * differs as it did when its change was planned. Anything else ends the frame there, and we go on from what was seen. So what runs, and in which
 * order, and after which looks, is the same as with a round trip for each.
 */
export function convoy(scope: Scope, { task, assessment, following, company, probes, source }: Parts): readonly Step[] {
  const steps: Step[] = []
  // `--step` asks before each change; and where failures of other hosts stop a play, they do so between two of its tasks.
  const free = scope.context.confirm === undefined && scope.node.play.maxFailPercentage === undefined
  /** What probes will say of files that are edited by members, by the text of the probe. */
  const edited = new Map<string, Expectation>()
  const foreseen = (one: Task): Foreseen | undefined => {
    const expects = edited.get(one.probe.command.text)
    const answer = expects ? { status: 0, stdout: example(expects), stderr: '' } : probes.answer(one)
    return answer && { answer, expects }
  }
  let [leader, settled, left, bytes] = [task, isPatient(task) ? assessment.settled() : undefined, following, 0]
  for (let companions = 0; ; companions++) {
    if (settled && edits(leader)) edited.set(leader.probe.command.text, settled)
    const next = differing(scope, { task: leader, following: left, source }, one => foreseen(one)?.answer)
    const joined = company && free && companions < MOST && next.every(one => company.beside.has(one)) ? join(next, { handlers: company.handlers, source, foreseen }) : undefined
    bytes += joined?.steps.reduce((sum, step) => sum + bytesOf(step.section), 0) ?? 0
    if (!joined || !settled || !isExpectable(settled) || bytes > MOST_BYTES) return [...steps, ...[leader, ...next].map(lookAt)]
    steps.push({ ...lookAt(leader), section: { ...probeSection(leader), expects: settled } }, ...joined.steps)
    leader = joined.task
    settled = joined.settled
    left = left.slice(next.length)
  }
}

/** What a probe will say if all goes well: as it did, or as a member's edit of the same file will make it. */
interface Foreseen {
  readonly answer: Answer
  readonly expects: Expectation | undefined
}

/** The steps from the last look at a leader to the change of the next task that differs; `undefined` where that has to wait for us. */
function join(next: readonly Task[], { handlers, source, foreseen }: Pick<Parts, 'source'> & Pick<Company, 'handlers'> & { readonly foreseen: (task: Task) => Foreseen | undefined }): { readonly task: Task; readonly settled: Expectation; readonly steps: readonly Step[] } | undefined {
  const task = next.at(-1)
  const seen = task && look(task, foreseen(task)?.answer, source)
  if (!task || seen?.type !== 'differs' || !isQuick(task) || !seen.assessment.changes.every(change => change.effect === 'modifies')) return undefined
  // One that may take its time is not begun after Ctrl-C.
  const settled = seen.assessment.settled()
  if (settled === undefined) return undefined
  const { command, stdin, from } = seen.assessment.apply()
  // A large file goes ahead on a channel of its own, and one of another host has to be fetched.
  if (from !== undefined || (typeof stdin === 'object' && 'type' in stdin)) return undefined
  const marks = handlers.marksAlong(task)
  const looks = next.map((one): Step | undefined => {
    const expects = expectedOf(one, foreseen(one), source)
    return expects && { ...lookAt(one), section: { ...probeSection(one), expects } }
  })
  if (!marks || !looks.every(step => step !== undefined)) return undefined
  const change: Step = { does: 'apply', task, assessment: seen.assessment, section: { ...section(task, command.text, stdin), onFailure: 'stop' } }
  return { task, settled, steps: [...looks, ...marks.map((mark): Step => ({ does: 'mark', section: { ...mark, onFailure: 'stop' } })), change] }
}

/** What a task's probe says if nothing has turned what it found. */
function expectedOf(task: Task, foreseen: Foreseen | undefined, source: SourceOf): Expectation | undefined {
  if (!foreseen || foreseen.expects) return foreseen?.expects
  const { answer } = foreseen
  if ('reason' in answer || answer.status !== 0) return undefined
  const seen = look(task, answer, source)
  // A directory has another size with each file in it, and is as wanted all the same.
  const settled = seen.type === 'same' ? seen.assessment.settled() : undefined
  const expects = settled ?? [answer.stdout]
  return isExpectable(expects) ? expects : undefined
}

/** What a section brings along: a file of content in its script or on its stdin, which is the same to whoever waits. */
function bytesOf({ script, stdin }: Section): number {
  if (stdin === undefined) return script.length
  if (typeof stdin === 'string' || stdin instanceof Uint8Array) return script.length + stdin.length
  return script.length + (stdin instanceof Secret ? Secret.reveal(stdin).length : stdin.size)
}

/** Whether it declares a part of a file, which others edit too: what it settles to is then all that their plans look at. */
function edits(task: Task): boolean {
  return task.probe.stdin === undefined && task.effects([]).some(effect => effect.type === 'path' && effect.part === 'line')
}

/** Tries again after a failure, or with a deadline of its own: nothing that goes together with others. */
function isPatient({ options: { retries = 0, timeout } }: Task): boolean {
  return retries === 0 && timeout === undefined
}

function isQuick(task: Task): boolean {
  return isPatient(task) && task.deadline === undefined && !task.validates && !task.killable
}

function lookAt(task: Task): Extract<Step, { does: 'look' }> {
  return { does: 'look', task, section: probeSection(task) }
}

/** The following tasks of the same place up to and including the next that differed when last seen: worth probing in the same round trip. */
export function nextDiffering(scope: Scope, parts: Pick<Parts, 'task' | 'following' | 'probes' | 'source'>): readonly Task[] {
  return differing(scope, parts, task => parts.probes.answer(task))
}

function differing(scope: Scope, { task, following, source }: Pick<Parts, 'task' | 'following' | 'source'>, answerOf: (task: Task) => Answer | undefined): readonly Task[] {
  const place = placeOf(scope, task)
  const other = following.findIndex(next => !samePlace(placeOf(scope, next), place))
  const own = other < 0 ? following : following.slice(0, other)
  const end = own.findIndex(next => look(next, answerOf(next), source).type !== 'same')
  return end < 0 ? own : own.slice(0, end + 1)
}
