import { createHash } from 'node:crypto'
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { JournalStore } from '../run/journal.ts'
import type { Options } from './options.ts'

/** The journal of a playbook's last run that did not end well. */
export interface JournalFile extends JournalStore {
  /** Ends the run: what went well needs no journal. */
  readonly finish: (exitCode: number) => void
}

/** Check mode and listings do nothing, so they neither keep nor end the journal of a run that did. */
export function journalOf({ playbook, inventory, resume, check, list }: Options): JournalFile | { readonly problem: string } {
  const still = check || list !== undefined
  const none: JournalFile = { done: new Set<string>(), add: () => undefined, finish: () => undefined }
  if (still && !resume) return none
  const stateHome = process.env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state')
  const journal = openJournal({ playbook, inventory, resume }, stateHome)
  // A home that cannot be written to is no reason not to run.
  if ('problem' in journal) return resume ? journal : none
  return still ? { ...none, done: journal.done } : journal
}

/** One file for each playbook and inventories, in a folder that only the user can look into. Entries are kept as hashes: they say that, not what. */
export function openJournal({ playbook, inventory, resume }: { playbook: string; inventory: readonly string[]; resume: boolean }, stateHome: string): JournalFile | { readonly problem: string } {
  const folder = join(stateHome, 'ts-play', 'journal')
  const file = join(folder, hash([playbook, ...inventory].map(path => resolve(path)).join('\n')))
  const lines = read(file)
  if (resume && lines === undefined) return { problem: 'there is no interrupted run of this playbook with these inventories' }
  const before = resume ? new Set(lines) : new Set<string>()
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (!resume) writeFileSync(file, '', { mode: 0o600 })
  } catch (error) {
    return { problem: `no journal can be kept: ${error instanceof Error ? error.message : String(error)}` }
  }
  return {
    done: { has: (entry: string) => before.has(hash(entry)) },
    // Written at once: after SIGKILL it has to be there.
    add: entry => appendFileSync(file, `${hash(entry)}\n`, { mode: 0o600 }),
    finish: exitCode => void (exitCode === 0 && rmSync(file, { force: true })),
  }
}

function read(file: string): readonly string[] | undefined {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(line => line !== '')
  } catch {
    return undefined
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
