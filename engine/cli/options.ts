import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'

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
  readonly askBecomePass: boolean
  readonly user: string | undefined
  readonly privateKey: string | undefined
  readonly acceptNew: boolean
  readonly knownHosts: readonly string[]
  readonly timeout: number
  readonly forks: number
  readonly allowDestroy: readonly string[]
  readonly list: 'hosts' | 'tags' | 'tasks' | undefined
  readonly graph: boolean
  readonly output: 'tree' | 'plain' | 'json' | undefined
  readonly record: string | undefined
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
  if (!given.inventory) return usage('an inventory is needed: -i inventory/prod.yaml')
  if (given.limit?.trim() === '') return usage('--limit is empty: it names no host, and never means all of them')
  const lists = [given.listHosts && 'hosts', given.listTags && 'tags', given.listTasks && 'tasks'].filter(list => list === 'hosts' || list === 'tags' || list === 'tasks')
  if (lists.length > 1) return usage('one of --list-hosts, --list-tags and --list-tasks at a time')
  return {
    type: 'options',
    options: {
      ...given,
      playbook: command.args[0] ?? '',
      tags: words(given.tags),
      skipTags: words(given.skipTags),
      knownHosts: given.knownHosts ?? [],
      allowDestroy: words(given.allowDestroy),
      list: lists[0],
    },
  }
}

type Flags = Omit<Options, 'playbook' | 'tags' | 'skipTags' | 'knownHosts' | 'allowDestroy' | 'list'> & {
  readonly tags?: readonly string[]
  readonly skipTags?: readonly string[]
  readonly knownHosts?: readonly string[]
  readonly allowDestroy?: readonly string[]
  readonly listHosts?: boolean
  readonly listTags?: boolean
  readonly listTasks?: boolean
}

function program(version: string): Command {
  const many = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]
  return new Command('ts-play')
    .description('Runs a typed playbook on the hosts of an inventory, over SSH, with nothing but sh on them.')
    .argument('<playbook>', 'TypeScript file whose default export is a playbook')
    .version(version)
    .requiredOption('-i, --inventory <file>', 'inventory in Ansible’s YAML structure (repeatable)', many)
    .optionsGroup('What to run:')
    .option('-l, --limit <pattern>', 'only these hosts: names, groups, globs, a:b, !x, &y')
    .option('-t, --tags <tags>', 'only plays and tasks with these tags (comma-separated, repeatable)', many)
    .option('--skip-tags <tags>', 'leave out plays and tasks with these tags', many)
    .option('-C, --check', 'change nothing; tell what would change and what cannot be known', false)
    .option('-D, --diff', 'show the differences of files and attributes', false)
    .option('--allow-destroy <host>', 'let tasks destroy data on this host (repeatable)', many)
    .optionsGroup('What to show instead of running:')
    .option('--list-hosts', 'plays with their hosts')
    .option('--list-tags', 'plays with their tags')
    .option('--list-tasks', 'plays with their tasks; connects for facts')
    .option('--graph', 'the graph of plays, as Mermaid', false)
    .optionsGroup('Connection:')
    .option('-u, --user <user>', 'log in as this user where the inventory does not say')
    .option('--private-key <file>', 'log in with this key where the inventory does not say')
    .option('-b, --become', 'run as root (sudo) where a play does not say', false)
    .option('--become-user <user>', 'the user that -b becomes', 'root')
    .option('-K, --ask-become-pass', 'ask for the sudo password', false)
    .option('--accept-new', 'accept and remember host keys never seen before', false)
    .option('--known-hosts <file>', 'known_hosts file to use instead of the user’s (repeatable)', many)
    .addOption(new Option('--timeout <seconds>', 'for a connection').default(15).argParser(positive))
    .addOption(new Option('-f, --forks <number>', 'connects and frames at a time').default(50).argParser(positive))
    .optionsGroup('Output:')
    .addOption(new Option('-o, --output <view>', 'how to show the run; default is tree on a terminal, else plain').choices(['tree', 'plain', 'json']))
    .option('--record <file>', 'also write the events to a file, one JSON object a line')
    .option('--profile', 'print the critical path and what it consisted of', false)
    .option('-v, --verbose', 'show tasks that were ok or skipped, too', false)
    .addOption(new Option('--seed <number>', 'order of independent nodes; printed by -v').argParser(Number))
    .addHelpText('after', '\nExit codes: 0 done or nothing to do, 1 failed, 2 check would change, 3 check has unknowns, 4 unreachable, 64+ usage or load error, 130 interrupted')
}

function positive(value: string): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('expected a whole number of at least 1')
  return number
}

function words(lists: readonly string[] | undefined): readonly string[] {
  return (lists ?? []).flatMap(list => list.split(',')).map(word => word.trim()).filter(word => word !== '')
}

function usage(text: string): Parsed {
  return { type: 'exit', code: USAGE, text: `error: ${text}\n` }
}
