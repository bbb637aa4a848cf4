/** What a command line selects of the shop, as `play(task task)` in playbook order; `<play` was only asked for outputs. And what ansible-core does, where that is something else. */
export interface SelectionRow {
  readonly words: string
  readonly selects: string
  readonly ansible?: { readonly selects: string; readonly differs: readonly string[] } | { readonly none: string }
}

export const ALL = 'base(users clock facts) data(schema tune index) site(code cache) audit(log)'
const NAME = "A role's name is a tag"
const NEVER = '`never` in a play that is named'
const ALWAYS = '`always` in a play that is not entered'
const row = (words: string, selects: string, ansible?: SelectionRow['ansible']): SelectionRow => ({ words, selects, ...(ansible ? { ansible } : {}) })

export const selections: readonly SelectionRow[] = [
  row('', ALL),
  row('--tags all', ALL),
  // A tag of a play: the plays that have it, and those that always run; the tasks in them that are not `never`.
  row('--tags base', 'base(users clock facts) audit(log)', { selects: 'base(users clock wipe facts) audit(log)', differs: [NEVER] }),
  row('--tags storage', 'data(schema tune index) audit(log)', { selects: 'base(facts) data(schema tune dump index) audit(log)', differs: [NEVER, ALWAYS] }),
  row('--tags front', '<data site(code cache) audit(log)', { selects: 'base(facts) site(code cache) audit(log)', differs: [ALWAYS] }),
  row('--tags base,site', 'base(users clock facts) <data site(code cache) audit(log)', { selects: 'base(users clock wipe facts) site(code cache) audit(log)', differs: [NEVER] }),
  // A tag of tasks only: looked for in every play, with what always runs.
  row('--tags slow', 'base(clock facts) data(schema) site(cache) audit(log)'),
  row('--tags deep', 'base(facts) data(dump index) audit(log)'),
  row('--tags slow,storage', 'base(clock facts) data(schema tune index) site(cache) audit(log)', { selects: 'base(clock facts) data(schema tune dump index) site(cache) audit(log)', differs: [NEVER] }),
  row('--tags nowhere', 'base(facts) audit(log)'),
  // `never` is lifted by a tag of the task's own or of its block, or by the play's where the play has it; not by naming the play around it.
  row('--tags reset', 'base(wipe facts) audit(log)'),
  row('--tags never', 'base(wipe facts) data(dump) purge(old) audit(log)'),
  row('--tags purge', 'purge(old) audit(log)', { selects: 'base(facts) purge(old) audit(log)', differs: [ALWAYS] }),
  row('--tags all,reset', 'base(users clock wipe facts) data(schema tune index) site(code cache) audit(log)'),
  // Tagged and untagged: a role's name, which every task has, does not count.
  row('--tags tagged', 'base(clock facts) data(schema tune index) site(code cache) audit(log)', { selects: 'base(users clock facts) data(schema tune index) site(code cache) audit(log)', differs: [NAME] }),
  row('--tags untagged', 'base(users facts) audit(log)', { selects: 'base(facts) audit(log)', differs: [NAME] }),
  row('--tags untagged,storage', 'base(users facts) data(schema tune index) audit(log)', { selects: 'base(facts) data(schema tune dump index) audit(log)', differs: [NAME, NEVER] }),
  // What is left out wins over what is asked for, and over `always` only when that is named or tagged.
  row('--skip-tags slow', 'base(users facts) data(tune index) site(code) audit(log)'),
  row('--skip-tags base', 'data(schema tune index) site(code cache) audit(log)'),
  row('--skip-tags always', 'base(users clock) data(schema tune index) site(code cache)'),
  row('--skip-tags tagged', 'base(users)', { selects: '', differs: [NAME] }),
  row('--skip-tags untagged', 'base(clock facts) data(schema tune index) site(code cache) audit(log)', { selects: 'base(users clock facts) data(schema tune index) site(code cache) audit(log)', differs: [NAME] }),
  row('--skip-tags all', 'audit(log)', { selects: 'base(facts) audit(log)', differs: [ALWAYS] }),
  row('--skip-tags deep,front', 'base(users clock facts) data(schema tune) audit(log)'),
  row('--tags base --skip-tags slow', 'base(users facts) audit(log)', { selects: 'base(users wipe facts) audit(log)', differs: [NEVER] }),
  row('--tags slow --skip-tags storage', 'base(clock facts) <data site(cache) audit(log)'),
  row('--tags reset --skip-tags always', 'base(wipe)'),
  // A host: what it takes from others is asked for.
  row('--limit w', 'base(users clock facts) <data site(code cache) audit(log)'),
  row('--limit d --tags storage', 'data(schema tune index)', { selects: 'base(facts) data(schema tune dump index)', differs: [NEVER, ALWAYS] }),
  row('--limit d --tags site', '', { selects: 'base(facts)', differs: [ALWAYS] }),
  // From a play, or a task of it, on.
  row('--start-at site', '<data site(code cache) audit(log)', { none: 'it starts at a task' }),
  row('--start-at site/cell_cache', '<data site(cache) audit(log)'),
  row('--start-at data/cell_index', 'data(index) site(code cache) audit(log)'),
  row('--start-at data --tags slow', 'data(schema) site(cache) audit(log)', { none: 'it starts at a task' }),
]

const task = (name: string, ...tags: readonly string[]) => ({ name, cell: { name, runs: true }, tags })

/** The shop of selection.test.ts as a playbook of Ansible. */
export const ansibleShop = [
  { name: 'base', hosts: 'all', tags: ['base'], tasks: [task('users'), task('clock', 'slow'), task('wipe', 'never', 'reset'), task('facts', 'always')] },
  { name: 'data', hosts: 'd', tags: ['data', 'storage'], tasks: [task('schema', 'slow'), task('tune'), { block: [task('dump', 'never'), task('index')], tags: ['deep'] }] },
  { name: 'site', hosts: 'w', tags: ['site', 'front'], tasks: [task('code'), task('cache', 'slow')] },
  { name: 'purge', hosts: 'd', tags: ['purge', 'never'], tasks: [task('old')] },
  { name: 'audit', hosts: 'w', tags: ['audit', 'always'], tasks: [task('log')] },
].map(play => ({ gather_facts: false, ...play }))

/** The words as ansible-playbook has them. */
export function ansibleWords(words: string): readonly string[] {
  return words.split(' ').filter(word => word !== '').map(word => (word === '--start-at' ? '--start-at-task' : word.replace(/^\w+\/cell_/, '')))
}
