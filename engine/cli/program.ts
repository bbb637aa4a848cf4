import { Command, InvalidArgumentError, Option } from 'commander'
import { BECOME_METHODS } from '../model/host.ts'

/** The options as they are written and explained; what they mean together is for `parse` to say. */
export function program(version: string): Command {
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
