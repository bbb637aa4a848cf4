import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { reportKind } from './report-kind.ts'
import { BECOME_METHODS, type BecomeMethodName } from '../model/host.ts'

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

function program(version: string): Command {
  const many = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]
  return new Command('ts-play')
    .description('Runs a typed playbook on the hosts of an inventory, over SSH, with nothing but sh on them.')
    .usage('[options] <playbook>')
    .argument('[playbook]', 'TypeScript file whose default export is a playbook')
    .version(version)
    .showHelpAfterError('  ts-play --help shows all options')
    .option('-i, --inventory <file>', 'inventory in Ansible’s YAML structure (repeatable)', many)
    .optionsGroup('What to run:')
    .option('-l, --limit <pattern>', 'only these hosts: names, groups, globs, a:b, !x, &y')
    .option('-t, --tags <tags>', 'only plays and tasks with these tags (comma-separated, repeatable)', many)
    .option('--skip-tags <tags>', 'leave out plays and tasks with these tags', many)
    .option('--start-at <play[/task]>', 'leave out what comes before: earlier plays only give outputs')
    .option('--step', 'ask before each change')
    .option('--resume', 'go on where a run was interrupted: commands that it finished are not run again, all else is looked at anew')
    .option('-C, --check', 'change nothing; tell what would change and what cannot be known')
    .option('-D, --diff', 'show the differences of files and attributes')
    .option('--allow-destroy <host>', 'let tasks destroy data on this host (repeatable)', many)
    .option('--force-unlock <host>', 'take the lock of this host from another run, which must be over (repeatable)', many)
    .optionsGroup('What to show instead of running:')
    .option('--list-hosts', 'plays with their hosts')
    .option('--list-tags', 'plays with their tags')
    .option('--list-tasks', 'plays with their tasks; connects for facts')
    .addOption(new Option('--graph [format]', 'the graph of plays, as Mermaid or for Graphviz').choices(['mermaid', 'dot']).preset('mermaid'))
    .option('--explain <play@host>', 'why this runs, what it waits for, and where each input comes from')
    .optionsGroup('Connection:')
    .option('-u, --user <user>', 'log in as this user where the inventory does not say')
    .option('--private-key <file>', 'log in with this key where the inventory does not say')
    .option('-b, --become', 'run as root where a play does not say')
    .option('--become-user <user>', 'the user that -b becomes', 'root')
    .addOption(new Option('--become-method <program>', 'what makes another user where the inventory does not say; default is sudo').choices(BECOME_METHODS))
    .option('-k, --ask-pass', 'ask for the login password, for hosts without one in the inventory')
    .option('-K, --ask-become-pass', 'ask for the password of sudo, su or doas')
    .option('-J, --ask-vault-pass', 'ask for the password of vaulted values')
    .option('--vault-password-file <file>', 'a file with that password, or a program that prints it (repeatable)', many)
    .option('--accept-new', 'accept and remember host keys never seen before')
    .option('--known-hosts <file>', 'known_hosts file to use instead of the user’s (repeatable)', many)
    .option('--ssh-config <file>', 'ssh_config to use instead of the user’s and the system’s; none for no file at all')
    .addOption(new Option('--transport <name>', 'where the inventory does not say: ssh2, the system’s openssh, or auto: ssh2 unless ssh_config asks for more').choices(['auto', 'ssh2', 'openssh']).default('auto'))
    .addOption(new Option('--timeout <seconds>', 'for a connection (default: ConnectTimeout of ssh_config, else 15)').argParser(positive))
    .addOption(new Option('-f, --forks <number>', 'connects and frames at a time').default(50).argParser(positive))
    .optionsGroup('Output:')
    .addOption(new Option('-o, --output <view>', 'how to show the run; default is tree on a terminal, else plain').choices(['tree', 'plain', 'json']))
    .option('--record <file>', 'also write the events to a file, one JSON object a line')
    .option('--report <file>', 'also write a report when it is over: a page to read (.html) or JUnit results (.xml) (repeatable)', many)
    .option('--replay <file>', 'show a run that --record wrote (- for stdin); no playbook is given then')
    .option('--profile', 'print the critical path and what it consisted of')
    .option('-v, --verbose', 'show tasks that were ok or skipped, too')
    .addOption(new Option('--seed <number>', 'order in which independent nodes start').argParser(natural))
    .addHelpText('after', '\nExit codes: 0 done or nothing to do, 1 failed, 2 check would change, 3 check has unknowns, 4 unreachable, 64+ usage or load error, 130 interrupted')
}

function positive(value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new InvalidArgumentError('expected a whole number of at least 1')
  return Number(value)
}

function natural(value: string): number {
  if (!/^\d{1,10}$/.test(value)) throw new InvalidArgumentError('expected a whole number')
  return Number(value)
}

function words(lists: readonly string[] | undefined): readonly string[] {
  return (lists ?? []).flatMap(list => list.split(',')).map(word => word.trim()).filter(word => word !== '')
}

function usage(text: string): Parsed {
  return { type: 'exit', code: USAGE, text: `error: ${text}\n  ts-play --help shows all options\n` }
}
