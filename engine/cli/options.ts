import { CommanderError } from 'commander'
import type { BecomeMethodName } from '../model/host.ts'
import { program } from './program.ts'
import { reportKind } from './report-kind.ts'

/** What the command line says, parsed and with defaults. */
export interface Options {
  readonly playbook: string
  readonly inventory: readonly string[]
  readonly limit: string | undefined
  readonly tags: readonly string[]
  readonly skipTags: readonly string[]
  readonly check: boolean
  readonly diff: boolean
  readonly become: boolean
  readonly becomeUser: string
  readonly becomeMethod: BecomeMethodName | undefined
  readonly askPass: boolean
  readonly askBecomePass: boolean
  readonly vaultPasswordFile: readonly string[]
  readonly askVaultPass: boolean
  readonly user: string | undefined
  readonly privateKey: string | undefined
  readonly acceptNew: boolean
  readonly knownHosts: readonly string[]
  /** Seconds; default: ConnectTimeout of ssh_config, else 15. */
  readonly timeout: number | undefined
  readonly transport: 'auto' | 'ssh2' | 'openssh'
  /** `none`: no file at all. */
  readonly sshConfig: string | undefined
  readonly forks: number
  readonly allowDestroy: readonly string[]
  readonly forceUnlock: readonly string[]
  readonly list: 'hosts' | 'tags' | 'tasks' | undefined
  readonly graph: 'mermaid' | 'dot' | undefined
  readonly explain: string | undefined
  readonly startAt: string | undefined
  readonly step: boolean
  readonly resume: boolean
  readonly output: 'tree' | 'plain' | 'json' | undefined
  readonly record: string | undefined
  /** Files to write reports to when the run is over; the end of the name tells which (`.html`, `.xml`). */
  readonly report: readonly string[]
  /** Shows this recording instead of running anything: no playbook and no inventory then. */
  readonly replay: string | undefined
  readonly profile: boolean
  readonly verbose: boolean
  readonly seed: number | undefined
}

export type Parsed = { readonly type: 'options'; readonly options: Options } | { readonly type: 'exit'; readonly code: number; readonly text: string }

/** Exit code of a wrong command line: EX_USAGE of sysexits(3). */
export const USAGE = 64

/** Parses the arguments. Words and short options are those of ansible-playbook where they mean the same. */
export function parse(argv: readonly string[], version: string): Parsed {
  let text = ''
  const command = program(version)
  const collect = (chunk: string): void => void (text += chunk)
  command.exitOverride().configureOutput({ writeOut: collect, writeErr: collect })
  try {
    command.parse(argv, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return { type: 'exit', code: error.exitCode === 0 ? 0 : USAGE, text }
    throw error
  }
  const given = command.opts<Flags>()
  const tags = words(given.tags)
  const skipTags = words(given.skipTags)
  const [playbook] = command.args
  if (given.replay !== undefined && playbook !== undefined) return usage('--replay shows a run that was: it takes no playbook')
  if (given.replay === undefined && playbook === undefined) return usage("missing required argument 'playbook'")
  if (given.replay === undefined && !given.inventory) return usage('no inventory was given: -i inventory/prod.yaml')
  // An empty value is most often a variable of a script that was not set: it must not widen what is touched.
  if (given.limit?.trim() === '') return usage('--limit is empty: it names no host, and never means all of them')
  if (given.tags && tags.length === 0) return usage('--tags is empty: it names no play and no task, and never means all of them')
  if (given.skipTags && skipTags.length === 0) return usage('--skip-tags is empty: it leaves nothing out')
  const unknownReport = given.report?.find(file => reportKind(file) === undefined)
  if (unknownReport !== undefined) return usage(`--report ${unknownReport}: a report is a page to read (.html) or JUnit results (.xml), told by the end of its name`)
  const lists = [given.listHosts && 'hosts', given.listTags && 'tags', given.listTasks && 'tasks'].filter(list => list === 'hosts' || list === 'tags' || list === 'tasks')
  if (lists.length + Number(given.graph !== undefined) + Number(given.explain !== undefined) > 1) return usage('one of --list-hosts, --list-tags, --list-tasks, --graph and --explain at a time')
  return {
    type: 'options',
    options: {
      ...SWITCHES,
      ...given,
      playbook: playbook ?? '',
      inventory: given.inventory ?? [],
      tags,
      skipTags,
      report: given.report ?? [],
      knownHosts: given.knownHosts ?? [],
      vaultPasswordFile: given.vaultPasswordFile ?? [],
      allowDestroy: words(given.allowDestroy),
      forceUnlock: words(given.forceUnlock),
      list: lists[0],
    },
  }
}

/** Off unless given. */
const SWITCHES = { check: false, diff: false, become: false, askPass: false, askBecomePass: false, askVaultPass: false, acceptNew: false, profile: false, step: false, resume: false, verbose: false }

type Lists = 'report' | 'inventory' | 'tags' | 'skipTags' | 'knownHosts' | 'vaultPasswordFile' | 'allowDestroy' | 'forceUnlock'
type Flags = Omit<Options, 'playbook' | 'list' | Lists | keyof typeof SWITCHES> &
  Partial<Pick<Options, Lists | keyof typeof SWITCHES>> & {
    readonly listHosts?: boolean
    readonly listTags?: boolean
    readonly listTasks?: boolean
  }

function words(lists: readonly string[] | undefined): readonly string[] {
  return (lists ?? []).flatMap(list => list.split(',')).map(word => word.trim()).filter(word => word !== '')
}

function usage(text: string): Parsed {
  return { type: 'exit', code: USAGE, text: `error: ${text}\n  ts-play --help shows all options\n` }
}
