import type { Inventory } from '../inventory/inventory.ts'
import { limit } from '../inventory/limit.ts'
import { nearest } from '../inventory/suggest.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Playbook } from '../model/playbook.ts'
import { SPECIAL_TAGS, type Selection, type StartAt } from '../plan/select.ts'
import type { Options } from './options.ts'

/** What the command line selects. A limit that matches nothing is a mistake, never "all hosts". */
export async function selection(options: Options, inventory: Inventory): Promise<Selection | { readonly problem: Diagnostic }> {
  const { tags, skipTags } = options
  const startAt = startOf(options.startAt)
  if (options.limit === undefined) return { tags, skipTags, limit: undefined, startAt }
  const found = await limit(options.limit, inventory)
  if ('problem' in found) return { problem: option('error', '--limit', found.problem, found.hint) }
  return { tags, skipTags, limit: new Set(found.hosts.map(host => host.name)), startAt }
}

/** Tags that look like a misspelt tag of a play. They may be tasks' own, which are known only once facts are. */
export function doubtfulTags({ tags, skipTags }: Options, playbook: Playbook): readonly Diagnostic[] {
  const known = new Set<string>([...SPECIAL_TAGS, ...playbook.plays.flatMap(play => play.tags)])
  const doubt = (name: string) => (tag: string): readonly Diagnostic[] => {
    const meant = known.has(tag) ? undefined : nearest(tag, known)
    return meant === undefined ? [] : [option('warning', name, `no play has the tag \`${tag}\`, so it is looked for among tasks`, `did you mean \`${meant}\`?`)]
  }
  return [...tags.flatMap(doubt('--tags')), ...skipTags.flatMap(doubt('--skip-tags'))]
}

/** `play` or `play/task`; the title of a task may hold slashes itself. */
function startOf(words: string | undefined): StartAt | undefined {
  if (words === undefined) return undefined
  const slash = words.indexOf('/')
  return slash < 0 ? { play: words, task: undefined } : { play: words.slice(0, slash), task: words.slice(slash + 1) }
}

function option(severity: Diagnostic['severity'], name: string, message: string, hint: string | undefined): Diagnostic {
  return { severity, file: name, line: 0, column: 0, message, ...(hint === undefined ? {} : { hint }) }
}
