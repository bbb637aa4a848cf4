import type { Effect } from '../model/effect.ts'
import type { PathState } from './path-state.ts'
import { targetPath } from './path.ts'

type Part = Extract<Effect, { type: 'path' }>['part']

/** What is done to one path of the target. */
export function onPath(path: string, part: Part = 'name'): readonly Effect[] {
  return [{ type: 'path', path: targetPath(path).whole, part }]
}

/** Whether somebody who only looks at a path, or at what is below it, may find it otherwise. Programs of others may do anything to it. */
export function turnsLook(effect: Effect, path: string): boolean {
  return effect.type === 'anything' || turnsBelow(effect, path)
}

/** The same for what is declared to be below a path, which programs of others leave alone. */
export function turnsBelow(effect: Effect, path: string): boolean {
  const { whole } = targetPath(path)
  const done = pathOf(effect)
  return done !== undefined && (done.path === whole || isBelow(done.path, whole) || (done.part === 'tree' && isBelow(whole, done.path)))
}

/**
 * Whether a declared path may be found otherwise: another task is about the very same, or about all that is below a directory it is in.
 * Tasks about single lines of a file leave each other alone, once there is a file.
 */
export function turnsPath(effect: Effect, path: string, found?: PathState, part: Part = 'name'): boolean {
  const { whole } = targetPath(path)
  const done = pathOf(effect)
  if (done === undefined) return false
  if (done.part === 'tree' && isBelow(whole, done.path)) return true
  return done.path === whole && !(done.part === 'line' && part === 'line' && found?.type !== 'absent')
}

/** Whether the owners of what is there may be found otherwise: an account that gets another number leaves its files behind, or finds them again. */
export function turnsOwner(effect: Effect, { owner, group }: { readonly owner?: string | number; readonly group?: string | number }, found: PathState): boolean {
  return effect.type === 'account' && found.type !== 'absent' && (effect.name === owner || effect.name === group)
}

/** Whether a file with an owner may be found otherwise. */
export function turnsFile(effect: Effect, spec: { readonly path: string; readonly owner?: string | number; readonly group?: string | number }, found: PathState): boolean {
  return turnsPath(effect, spec.path, found) || turnsOwner(effect, spec, found)
}

function pathOf(effect: Effect): { readonly path: string; readonly part: Part } | undefined {
  if (effect.type === 'unit') return { path: effect.path, part: 'name' }
  return effect.type === 'path' ? effect : undefined
}

function isBelow(path: string, directory: string): boolean {
  return path !== directory && path.startsWith(directory === '/' ? '/' : `${directory}/`)
}
