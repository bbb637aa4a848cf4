import { writeFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { ansibleShop, ansibleWords, selections, type SelectionRow } from '../../plan/selections.ts'
import { ansibleVersion, withAnsible, type AnsibleLine } from './ansible-run.ts'
import { recorded } from './recorded.ts'
import type { Row } from './row.ts'
import { rows } from './rows.ts'
import { hostsOf, shown, type Scenario, type Told } from './scenario.ts'
import { ansiblePlaybook } from './theirs.ts'

/**
 * Runs the tables with ansible-core and keeps what it did in recorded.json, which tests compare with the tables. Says where they do not agree.
 * `node test/run/order/record.ts [words of names]`, with ansible-playbook on the PATH; with words, only rows with such a name and new ones are run.
 */
const words = process.argv.slice(2)
const wanted = (name: string, before: unknown): boolean => words.length === 0 || before === undefined || words.some(word => name.includes(word))

async function record(scenario: Scenario): Promise<readonly string[]> {
  const option = (name: string, values: readonly string[] | undefined): readonly string[] => (values ? [name, values.join()] : [])
  const line = ['-i', `${hostsOf(scenario).join()},`, ...(scenario.mode === 'check' ? ['--check'] : []), ...option('--tags', scenario.tags), ...option('--skip-tags', scenario.skipTags)]
  return withAnsible(scenario.done ?? [], async run => {
    const told: Told[] = []
    for (const trouble of [scenario.trouble ?? {}, ...(scenario.again ? [scenario.again] : [])]) {
      const { lines, code } = await run(ansiblePlaybook(scenario, trouble), { words: line, trouble })
      told.push({ lines: lines.map(lineOf), end: code === 0 ? 'done' : code === 2 ? 'failed' : 'unreachable' })
    }
    return shown(told, scenario.order)
  })
}

function lineOf({ host, task, handler, on, outcome, check }: AnsibleLine): Told['lines'][number] {
  // An unreachable host is told with its task by Ansible, and without by us: a host is unreachable, not a task.
  if (outcome === 'unreachable') return { host, text: outcome }
  return { host, text: `${handler ? 'handler ' : ''}${task} ${outcome === 'changed' && check ? 'would change' : outcome}${on === null || on === host ? '' : ` on ${on}`}` }
}

async function recordSelection({ words: given }: SelectionRow): Promise<string> {
  const { lines } = await withAnsible([], run => run(ansibleShop, { words: ['-i', 'w,d,', ...ansibleWords(given)] }))
  const ran = new Set(lines.map(({ task }) => task))
  return ansibleShop.map(play => {
    const names = play.tasks.flatMap(task => ('block' in task ? task.block : [task])).map(({ name }) => name).filter(name => ran.has(name))
    return names.length === 0 ? '' : `${play.name}(${names.join(' ')})`
  }).filter(text => text !== '').join(' ')
}

/** What a table says that Ansible does; `undefined`: it has no such thing. */
function expected({ gives, ansible }: Row): readonly string[] | undefined {
  return ansible ? ('none' in ansible ? undefined : ansible.gives) : gives
}

const told: Record<string, readonly string[]> = {}
for (const row of rows) {
  const said = expected(row)
  if (!said) continue
  const before = recorded.rows[row.name]
  told[row.name] = wanted(row.name, before) ? await record(row) : (before ?? [])
  if (!isDeepStrictEqual(told[row.name], said)) process.stdout.write(`${row.name}\n  table:   ${said.join(' | ')}\n  ansible: ${told[row.name]?.join(' | ')}\n`)
}
const selected: Record<string, string> = {}
for (const row of selections) {
  if (row.ansible && 'none' in row.ansible) continue
  const before = recorded.selections[row.words]
  selected[row.words] = wanted(row.words, before) ? await recordSelection(row) : (before ?? '')
}
await writeFile(new URL('recorded.json', import.meta.url), `${JSON.stringify({ version: await ansibleVersion(), rows: told, selections: selected }, null, 1)}\n`)
