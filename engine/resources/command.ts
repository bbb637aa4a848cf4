import { absent, modifies, value, type Change } from '../model/change.ts'
import { raw, sh, type Command } from '../model/command.ts'
import { resource } from '../model/resource.ts'
import type { Secret } from '../model/secret.ts'
import { inPlace, type Place } from './command-place.ts'
import { judgedRun } from './judged-run.ts'
import { turnsLook } from './turning.ts'

interface Common extends Place {
  /** What the task is called; default is the first line of `run`. */
  readonly name?: string
  /** Runs under `set -eu` with the login's umask, and `stdin` or /dev/null on its stdin. */
  readonly run: Command
  /** Nothing to do unless this read-only command exits 0. It is no guard: what it says after the run does not matter. */
  readonly onlyIf?: Command
  /** When a run counts as failed, instead of an exit status that is not 0: a read-only command that exits 0 then. It has `$status` and `$output` of the run (both streams). */
  readonly failedWhen?: Command
  /**
   * Absolute paths that `onlyIf` and `unless` look at, where they look at nothing else. Check mode calls a command unknown when a change that is to come before
   * it may turn them: without this, any change of the host may.
   */
  readonly looksAt?: readonly string[]
  readonly stdin?: string | Secret<string>
  /** Milliseconds the command may take; default 10 minutes. */
  readonly timeout?: number
}

/** What makes a command verifiable: it runs while one of these does not hold, and all have to hold afterwards. */
interface Guards {
  /** Paths that the command makes. */
  readonly creates?: string | readonly string[]
  /** Paths that the command takes away. */
  readonly removes?: string | readonly string[]
  /** A command that exits 0 when there is nothing to do. Read only: it also runs in check mode. */
  readonly unless?: Command
}
type Guarded = Guards & ({ readonly creates: string | readonly string[] } | { readonly removes: string | readonly string[] } | { readonly unless: Command })

/** Data that the command loses: the plan's first change, and refused unless permitted or `--allow-destroy HOST`. */
export interface Destruction {
  /** What is lost: `etcd data in /var/lib/etcd`. */
  readonly what: string
  /** Why it is, or is not, permitted. */
  readonly because: string
  /** Default false. */
  readonly permitted?: boolean
}

export type CommandSpec = (Common & Guards & { readonly destroys?: undefined }) | (Common & Guarded & { readonly destroys: Destruction })

interface Guard {
  readonly probe: Command
  readonly change: (status: number) => Change
}
interface CommandState {
  /** Exit status of `onlyIf`; 0 without one. */
  readonly onlyIf: number
  /** Exit status of each guard, in their order; 0 holds. */
  readonly guards: readonly number[]
}

/**
 * Runs a command.
 *
 * With `creates`, `removes` or `unless` it is verifiable: known before, and failed as `did not converge` if the guard does not hold afterwards.
 * Without a guard nothing is known: `changed` in a run, `unknown` in check mode.
 *
 * Check mode runs the guards only, and does not trust them where a change before the command may turn them. Guards must be read only; a guard that exits 126 or 127 counts as not holding, an `onlyIf` that does is an error.
 */
export const command = resource<CommandSpec, CommandState>({
  kind: 'command',
  id: spec => spec.name ?? spec.run.text.trim().split('\n', 1).join(''),
  probe: spec => inPlace(spec, '', sh`${onlyIf(spec.onlyIf)}${raw(guardsOf(spec).map(guard => guard.probe.text).join(''))}`),
  parse({ stdout }, spec) {
    const statuses = stdout.trim().split('\n').filter(line => line !== '').map(Number)
    const [first, ...guards] = statuses
    const wanted = first === 0 ? guardsOf(spec).length : 0
    if (first === undefined || statuses.some(Number.isNaN) || guards.length !== wanted) throw new Error(`expected the exit status of ${wanted} guards`)
    return { onlyIf: first, guards }
  },
  plan({ spec, state }) {
    if (state.onlyIf !== 0) return []
    const guards = guardsOf(spec)
    if (guards.length === 0) return [{ effect: 'runs', attribute: 'command' }]
    const changes = guards.flatMap((guard, index) => (state.guards[index] === 0 ? [] : [guard.change(state.guards[index] ?? 1)]))
    if (changes.length === 0 || spec.destroys === undefined) return changes
    const { what, because, permitted = false } = spec.destroys
    return [{ effect: 'destroys', attribute: what, from: value('present'), to: absent, permitted, because }, ...changes]
  },
  turnedBy({ spec }, effect) {
    const { creates = [], removes = [], onlyIf: condition, unless, looksAt } = spec
    const free = condition !== undefined || unless !== undefined
    if (free && looksAt === undefined) return true
    const paths = [...listOf(creates), ...listOf(removes), ...(free ? looksAt ?? [] : [])]
    // A relative path is below a folder that may be anything.
    return paths.some(path => !path.startsWith('/') || turnsLook(effect, path))
  },
  apply: ({ spec }) => inPlace(spec, spec.stdin, sh`umask "\${TSP_UMASK:-022}"\n${judgedRun(spec.run, spec.failedWhen)}`),
  deadline: spec => spec.timeout ?? 600_000,
})

/** Ends the probe when the condition does not hold. A condition that cannot run says nothing, so it must not pass for "nothing to do". */
function onlyIf(condition: Command | undefined): Command {
  if (condition === undefined) return sh`echo 0\n`
  return sh`(
set -eu
${condition}
) </dev/null >/dev/null
status=$?
echo $status
case $status in 0) ;; 126|127) exit $status ;; *) exit 0 ;; esac
`
}

function guardsOf({ creates = [], removes = [], unless }: Guards): readonly Guard[] {
  return [
    ...listOf(creates).map(path => ({
      probe: sh`[ -e ${path} ] || [ -L ${path} ]; echo $?\n`,
      change: () => modifies(`creates ${path}`, absent, value('present')),
    })),
    ...listOf(removes).map(path => ({
      probe: sh`[ ! -e ${path} ] && [ ! -L ${path} ]; echo $?\n`,
      change: () => modifies(`removes ${path}`, value('present'), absent),
    })),
    ...(unless === undefined ? [] : [{
      probe: sh`(\nset -eu\n${unless}\n) </dev/null >/dev/null\necho $?\n`,
      change: (status: number) => modifies('unless', value(`exit ${status}`), value('exit 0')),
    }]),
  ]
}

function listOf(paths: string | readonly string[]): readonly string[] {
  return typeof paths === 'string' ? [paths] : paths
}
