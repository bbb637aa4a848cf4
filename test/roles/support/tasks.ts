import type { Item, Role } from '../../../engine/index.ts'
import { Secret } from '../../../engine/index.ts'

/** What a role's functions are called with; the engine's own context is typed away here as it is there. */
export interface Context {
  readonly host?: { readonly name: string; readonly address: string }
  readonly vars?: Readonly<Record<string, unknown>>
  readonly facts?: Readonly<Record<string, unknown>>
  readonly inputs?: Readonly<Record<string, unknown>>
}

/** A role's variables with their defaults, as the engine would parse them. */
export function varsOf(role: Role, given: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(role.vars).map(([name, schema]) => [name, schema.parse(given[name])]))
}

export function itemsOf(role: Role, { host = { name: 'h1', address: '10.0.0.1' }, vars = {}, facts = {}, inputs = {} }: Context): readonly Item[] {
  return role.body.tasks?.({ host, vars: varsOf(role, vars), facts, inputs }) ?? []
}

/** One line for each item: what a reader of a run would see, and nothing that depends on how a resource is made. */
export function shown(items: readonly Item[]): string[] {
  return items.flatMap(item => {
    switch (item.type) {
      case 'task':
        return [`${item.kind} ${item.id}${(item.options.notify ?? []).map(handler => ` → ${handler.name}`).join('')}`]
      case 'assertion':
        return item.holds ? [] : [`REFUSED ${item.name}: ${item.message}`]
      case 'block':
        return [...shown(item.tasks), ...shown(item.always)]
      case 'stage':
        return [`stage ${Object.keys(item.facts).join(', ')}`]
      case 'flush':
        return ['flush']
      case 'report':
        return [`report ${item.title}`, ...item.rows.map(row => `  ${row.join(' | ')}`)]
      case 'include':
        return [`include ${item.role.name}`]
      case 'handlers':
      case 'omitted':
        return []
    }
  })
}

/** The spec of the one task of a kind and id. */
export function specOf(items: readonly Item[], kind: string, id: string): Record<string, unknown> {
  const task = items.find(item => item.type === 'task' && item.kind === kind && item.id === id)
  const spec: unknown = task?.type === 'task' ? task.spec : undefined
  if (typeof spec !== 'object' || spec === null) throw new Error(`no ${kind} ${id} in\n${shown(items).join('\n')}`)
  return { ...spec }
}

export function refusals(items: readonly Item[]): string[] {
  return shown(items).filter(line => line.startsWith('REFUSED'))
}

export const plain = (value: unknown): string => (value instanceof Secret ? String(Secret.reveal<unknown>(value)) : String(value))
