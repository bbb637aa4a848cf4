import type { Handler } from '../model/handler.ts'
import type { HostRef } from '../model/host.ts'
import type { Include } from '../model/include.ts'
import type { Origin } from '../model/origin.ts'
import type { Role } from '../model/role.ts'
import { withCommon } from '../model/block.ts'
import type { Item } from '../model/task.ts'

/** A role that cannot be included as it is written: what the compiler refuses as well, and what it cannot see. */
export class IncludeMistake extends Error {
  override readonly name = 'IncludeMistake'
  readonly origin: Origin
  readonly remedy: string

  constructor(origin: Origin, message: string, remedy: string) {
    super(message)
    this.origin = origin
    this.remedy = remedy
  }
}

/** Where a list of items stands. */
export interface Setting {
  readonly host: HostRef
  /** Where its tasks are executed when they do not say. */
  readonly on: HostRef
  readonly address: (host: string) => string
  /** Roles that the list is inside of, outermost first. */
  readonly chain: readonly Role[]
}

/** A role's own list: its handlers are known from the beginning, and included roles are put in place. */
export function itemsOf(role: Pick<Role, 'handlers'>, items: readonly Item[], setting: Setting): readonly Item[] {
  return [...listed(role.handlers), ...expand(items, setting)]
}

/** Puts the tasks of included roles in place of the include, in blocks and stages too, so that nothing behind this has to know of included roles. */
function expand(items: readonly Item[], setting: Setting): readonly Item[] {
  return items.flatMap((item): readonly Item[] => {
    switch (item.type) {
      case 'include':
        return included(item, setting)
      case 'stage':
        return [{ ...item, tasks: context => expand(item.tasks(context), setting) }]
      case 'block':
        return [{ ...item, tasks: expand(item.tasks, setting), rescue: expand(item.rescue, setting), always: expand(item.always, setting) }]
      default:
        return [item]
    }
  })
}

function included(include: Include, setting: Setting): readonly Item[] {
  const { role, origin } = include
  const { tasks, skip } = role.body
  const chain = [...setting.chain, role]
  if (setting.chain.includes(role)) throw new IncludeMistake(origin, `role ${role.name} includes itself: ${chain.map(({ name }) => name).join(' → ')}`, 'loops are TypeScript: give the role a list')
  if (!tasks) throw new IncludeMistake(origin, `role ${role.name} has no tasks, it only gives outputs, and an included role hands nothing on`, 'give it a play of its own, and bind its outputs')
  const vars = varsOf(include)
  const inputs = inputsOf(include)
  const on = include.on === undefined ? setting.on : { name: include.on, address: setting.address(include.on) }
  const inner: Setting = { ...setting, on, chain }
  const body = (facts: Readonly<Record<string, unknown>>): readonly Item[] => {
    const context = { host: setting.host, on, vars, facts, inputs }
    const why = skip?.(context)
    return why === undefined ? expand(tasks(context), inner) : [{ type: 'omitted', name: role.name, why, origin }]
  }
  const own: readonly Item[] = Object.keys(role.facts).length === 0 ? body({}) : [{ type: 'stage', facts: role.facts, tasks: ({ facts }) => body(facts) }]
  return [...listed(role.handlers), ...withCommon(own, { tags: [...include.tags, ...role.tags.slice(1)], roles: [...include.roles, role.name], on: include.on })]
}

function listed(handlers: readonly Handler[]): readonly Item[] {
  return handlers.length === 0 ? [] : [{ type: 'handlers', handlers }]
}

/** Parsed by the role's schemas, defaults filled in. */
function varsOf({ role, vars, origin }: Include): Readonly<Record<string, unknown>> {
  const unknown = Object.keys(vars).find(name => !(name in role.vars))
  if (unknown !== undefined) throw new IncludeMistake(origin, `role ${role.name} has no variable \`${unknown}\``, `its variables are: ${Object.keys(role.vars).join(', ') || 'none'}`)
  return Object.fromEntries(Object.entries(role.vars).map(([name, schema]) => {
    const parsed = schema.safeParse(vars[name])
    if (parsed.success) return [name, parsed.data]
    if (!(name in vars)) throw new IncludeMistake(origin, `role ${role.name} is included without its variable \`${name}\``, 'add it to `vars`: an included role does not read the inventory')
    const [issue] = parsed.error.issues
    throw new IncludeMistake(origin, `variable \`${[name, ...(issue?.path ?? [])].join('.')}\` of role ${role.name}: ${issue?.message ?? 'is not valid'}`, 'correct it in `vars`')
  }))
}

function inputsOf({ role, inputs, origin }: Include): Readonly<Record<string, unknown>> {
  const unknown = Object.keys(inputs).find(name => !(name in role.inputs))
  if (unknown !== undefined) throw new IncludeMistake(origin, `role ${role.name} has no input \`${unknown}\``, `its inputs are: ${Object.keys(role.inputs).join(', ') || 'none'}`)
  const missing = Object.entries(role.inputs).find(([name, input]) => input.type !== 'optional' && inputs[name] === undefined)
  if (missing) throw new IncludeMistake(origin, `role ${role.name} is included without its input \`${missing[0]}\``, 'add its value to `inputs`')
  return inputs
}
