import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Playbook } from '../model/playbook.ts'

export type Loaded = { readonly playbook: Playbook } | { readonly problem: Diagnostic }

/** Loads a playbook file. Types are not checked here (`tsc --noEmit` does that); what planning relies on is. */
export async function load(file: string): Promise<Loaded> {
  const path = resolve(file)
  const problem = (message: string, hint?: string, line = 0): Loaded => ({ problem: { severity: 'error', file, line, column: line > 0 ? 1 : 0, message, ...(hint === undefined ? {} : { hint }) } })
  const found = await stat(path).catch(() => undefined)
  if (!found?.isFile()) return problem('no such playbook', 'the first argument is a TypeScript file, for example playbooks/ha.ts')
  let loaded: unknown
  try {
    loaded = await import(pathToFileURL(path).href)
  } catch (error) {
    const at = error instanceof Error ? placeIn(error, path) : undefined
    return problem(`the playbook could not be loaded: ${error instanceof Error ? error.message : String(error)}`, 'check it with: npx tsc --noEmit', at)
  }
  const exported = typeof loaded === 'object' && loaded !== null && 'default' in loaded ? loaded.default : undefined
  if (!isPlaybook(exported)) return problem('the default export is not a playbook', "end the file with: export default playbook('name', [plays])")
  return { playbook: exported }
}

function isPlaybook(value: unknown): value is Playbook {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'playbook' && 'plays' in value && Array.isArray(value.plays) && value.plays.every(isPlay)
}

function isPlay(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'play' && 'role' in value
}

function placeIn(error: Error, path: string): number | undefined {
  const line = error.stack?.split('\n').find(frame => frame.includes(path))
  const match = line === undefined ? null : /:(\d+)(?::\d+)?\)?$/.exec(line)
  return match?.[1] === undefined ? undefined : Number(match[1])
}
