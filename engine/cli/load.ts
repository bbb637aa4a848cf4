import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Playbook } from '../model/playbook.ts'
import { loadError } from './load-error.ts'

export type Loaded = { readonly playbook: Playbook } | { readonly problem: Diagnostic }

/** Loads a playbook file. Types are not checked here (`tsc --noEmit` does that); what planning relies on is. */
export async function load(file: string): Promise<Loaded> {
  const path = resolve(file)
  const problem = (message: string, hint: string): Loaded => ({ problem: { severity: 'error', file, line: 0, column: 0, message, hint } })
  const found = await stat(path).catch(() => undefined)
  if (!found?.isFile()) return problem(found ? 'is no file' : 'no such playbook', 'the first argument is a TypeScript file, for example playbooks/ha.ts')
  let loaded: unknown
  try {
    loaded = await Promise.race([import(pathToFileURL(path).href), nothingLeft()])
  } catch (error) {
    return { problem: await loadError(error, path) }
  }
  const exported = typeof loaded === 'object' && loaded !== null && 'default' in loaded ? loaded.default : undefined
  if (isPlaybook(exported)) return { playbook: exported }
  return problem(exported === undefined ? 'there is no default export: it has to be the playbook' : 'the default export is not a playbook', "end the file with: export default playbook('name', [plays])")
}

/** Rejects when the process has nothing left to do: a playbook that waits at its top level for what never comes would end the program without a word. */
function nothingLeft(): Promise<never> {
  return new Promise((_, reject) => void process.once('beforeExit', () => reject(new Error('it waits (top-level `await`) for something that never comes'))))
}

function isPlaybook(value: unknown): value is Playbook {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'playbook' && 'plays' in value && Array.isArray(value.plays) && value.plays.every(isPlay)
}

function isPlay(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'play' && 'role' in value
}
