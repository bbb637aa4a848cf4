import type { Change } from './change.ts'
import type { Command } from './command.ts'
import { anything, type Effect } from './effect.ts'
import { example, type Expectation } from './expectation.ts'
import type { Script } from './script.ts'
import type { SectionResult, SourceFile } from './session.ts'
import { task, type Task, type TaskOptions } from './task.ts'

/** What a plan or an apply looks at. `source(path)` is a controller file named by `sources`. */
export interface PlanContext<Spec, State> {
  readonly spec: Spec
  readonly state: State
  readonly source: (path: string) => SourceFile
}

/**
 * A kind of thing that can be looked at, compared and brought about.
 * Spec holds plain data (strings, numbers, Commands, Secrets, lists and records of these), because two specs are compared to find what is unknown.
 */
export interface ResourceKind<Spec, State> {
  /** What a task of this kind is called in output: `file`, `package`. */
  readonly kind: string
  /** The thing's name: a path, a package. Unique per kind on a host. */
  id(spec: Spec): string
  /** Read only, exit 0 whenever the state could be read: anything else makes the task unknown (check) or failed (run). */
  probe(spec: Spec): Script | Command
  /** Pure. Gets the probe's output, exit status 0. A throw means "not understood" and is shown with the output. */
  parse(output: SectionResult, spec: Spec): State
  /** Pure and total: the differences, none when the state is as wanted. */
  plan(context: PlanContext<Spec, State>): readonly Change[]
  /** The script that makes exactly these changes; run under `set -e` semantics of its own, exit non-zero on failure. */
  apply(context: PlanContext<Spec, State> & { readonly changes: readonly Change[] }): Script | Command
  /**
   * Pure. What the probe says once the changes are made: a host that sees it may go on with the next task by itself, a round trip less.
   * Only for changes that take moments: nothing is asked, and nobody can interrupt, between tasks that go together. Default: not known.
   *
   * Of a kind that edits a part of a file it also says all that another such edit of the file is planned from.
   */
  settled?(context: PlanContext<Spec, State>): Expectation | undefined
  /** Controller files whose size and hash the plan needs. */
  sources?(spec: Spec): readonly string[]
  /** Whether an apply lets a program judge the result first; check mode cannot, and says so. */
  validates?(spec: Spec): boolean
  /**
   * Pure. What making the changes does to what other tasks look at; default: anything. For check mode.
   *
   * @param changes those that are planned as things are now; none where that is not known
   */
  effects?(spec: Spec, changes: readonly Change[]): readonly Effect[]
  /**
   * Pure. Whether something that is brought about before may turn what was found, so that check mode must not judge by it; default: everything may.
   * A kind that declares what a thing is may take it that programs of others leave that alone; one that runs a script of its author may not.
   */
  turnedBy?(found: Omit<PlanContext<Spec, State>, 'source'>, effect: Effect): boolean
  /** Shell functions that probe and apply call; sent once per shell. */
  readonly helpers?: string
  /** Milliseconds an apply may take; default 10 minutes. */
  deadline?(spec: Spec): number
  /** Whether an apply may be killed at once when the controller is gone; default false. */
  readonly killable?: boolean
}

/** Turns a kind into the function that playbook authors call: `file({ path, content }, { notify: [reload] })`. */
export function resource<Spec, State>(kind: ResourceKind<Spec, State>): (spec: Spec, options?: TaskOptions) => Task {
  return (spec, options = {}) => {
    const probe = script(kind.probe(spec))
    return task({
      kind: kind.kind,
      id: kind.id(spec),
      spec,
      sources: kind.sources?.(spec) ?? [],
      helpers: kind.helpers,
      deadline: kind.deadline?.(spec),
      killable: kind.killable ?? false,
      validates: kind.validates?.(spec) ?? false,
      probe,
      effects: changes => kind.effects?.(spec, changes) ?? anything,
      assess(output, source) {
        const state = kind.parse(output, spec)
        const changes = kind.plan({ spec, state, source })
        return {
          changes,
          turnedBy: effect => kind.turnedBy?.({ spec, state }, effect) ?? true,
          apply: () => script(kind.apply({ spec, state, source, changes })),
          settled() {
            const expectation = kind.settled?.({ spec, state, source })
            if (expectation === undefined) return undefined
            // What is expected must be what counts as done, or a host would go on from something that is not.
            const then = kind.parse({ status: 0, stdout: example(expectation), stderr: '' }, spec)
            return kind.plan({ spec, state: then, source }).length === 0 ? expectation : undefined
          },
        }
      },
      options,
    })
  }
}

function script(given: Script | Command): Script {
  return 'command' in given ? given : { command: given }
}
