import { assert, block, flush, groups, handler, include, play, playbook, role, rolling, topic, type Handler, type Item, type Play, type Topic } from '../../../engine/index.ts'
import type { Event, TaskOutcome } from '../../../engine/model/event.ts'
import type { HostPattern } from '../../../engine/model/group.ts'
import { everything, type Selection } from '../../../engine/plan/select.ts'
import { runIn, type GroupTable } from '../../support/rig.ts'
import { action, cell, World } from '../../support/world.ts'
import { hostsOf, taskOf, type Do, type HandlerOf, type PlayOf, type Scenario, type Step, type Told, type Trouble } from './scenario.ts'

/** Runs a scenario with fake hosts, as often as it says, and tells what happened. */
export async function ours(scenario: Scenario): Promise<readonly Told[]> {
  const world = new World()
  for (const [host = '', name = ''] of (scenario.done ?? []).map(done => done.split(' '))) world.host(host).set(name, '1')
  const first = await once(world, scenario, scenario.trouble ?? {})
  return scenario.again ? [first, await once(world, scenario, scenario.again)] : [first]
}

async function once(world: World, scenario: Scenario, trouble: Trouble): Promise<Told> {
  const { book, table } = bookOf(scenario, trouble)
  let events = 0
  world.down.clear()
  for (const [host, what] of Object.entries(trouble)) if (what === 'down') world.down.set(host, { type: 'connect-failure', reason: 'unreachable', message: 'no route', remedy: '' })
  const tried = new Set<string>()
  world.before = async (host, script) => {
    const [verb, name = ''] = script.split(' ')
    if (verb !== 'set') return undefined
    switch (trouble[`${host} ${name}`] ?? trouble[name]) {
      case 'fails':
        return { status: 1, stderr: 'no' }
      case 'fails once':
        return tried.has(script) ? undefined : (tried.add(script), { status: 1, stderr: 'no' })
      case 'breaks':
        throw new Error('cable')
      case 'hangs':
        return 'hangs'
      case 'slow':
        await quiet(() => events)
        return undefined
      case 'down':
      case undefined:
        return undefined
    }
  }
  const selection: Selection = { ...everything, tags: scenario.tags ?? [], skipTags: scenario.skipTags ?? [] }
  const result = await runIn(world, book, table, { mode: scenario.mode ?? 'run', selection, seed: IN_ORDER, onEvent: () => void events++, sleep: milliseconds => (milliseconds === 0 ? Promise.resolve() : new Promise(() => undefined)) })
  return { lines: result.events.flatMap(event => lineOf(event, scenario.mode)), end: END[result.exitCode] ?? `exit ${result.exitCode}` }
}

/** With it up to six nodes that may start at once do so in the order of the inventory. */
const IN_ORDER = 659

/** What check mode tells by its exit code, Ansible does not. */
const END: Readonly<Record<number, string>> = { 0: 'done', 1: 'failed', 2: 'done', 3: 'done', 4: 'unreachable' }

/** Until nothing happens any more: whatever can go on without the caller has. */
async function quiet(happened: () => number): Promise<void> {
  for (let before = -1, still = 0; still < 20; still = happened() === before ? still + 1 : 0) {
    before = happened()
    await new Promise(resolve => setImmediate(resolve))
  }
}

function bookOf(scenario: Scenario, trouble: Trouble): { readonly book: ReturnType<typeof playbook>; readonly table: GroupTable } {
  const plays = scenario.plays.map((given, index) => ({ given, group: `g${index}` }))
  const table = { everyone: hostsOf(scenario), ...Object.fromEntries(plays.map(({ given, group }) => [group, given.hosts ?? hostsOf(scenario)])) }
  const made = plays.map(({ given, group }) => playOf(given, { hosts: groupNamed(group), trouble }))
  return { table, book: playbook('order', scenario.rolling ? [rolling({ hosts: groupNamed('everyone'), ...scenario.rolling }, made)] : made) }
}

function groupNamed(name: string): HostPattern {
  const group = groups(name)[name]
  if (!group) throw new Error(`no group ${name}`)
  return group
}

function playOf(given: PlayOf, { hosts, trouble }: { hosts: HostPattern; trouble: Trouble }): Play {
  const { serial, maxFailPercentage, anyErrorsFatal, on, tags = [] } = given
  return play(roleOf(given.name ?? 'p', given, trouble), {
    hosts,
    tags,
    ...(serial === undefined ? {} : { serial }),
    ...(maxFailPercentage === undefined ? {} : { maxFailPercentage }),
    ...(anyErrorsFatal ? { anyErrorsFatal } : {}),
    ...(on === undefined ? {} : { on }),
  })
}

type Notified = (name: string) => Handler | Topic

function roleOf(name: string, { steps, handlers = [] }: Pick<PlayOf, 'steps' | 'handlers'>, trouble: Trouble) {
  const made = new Map<string, Handler>()
  const definitions = new Map(handlers.map(taskOf<HandlerOf>).map(definition => [definition.do, definition]))
  const notified: Notified = wanted => {
    const definition = definitions.get(wanted)
    if (!definition) return topic(wanted)
    const known = made.get(wanted) ?? handler(wanted, action({ name: wanted }, optionsOf(definition, notified)), 'listen' in definition && definition.listen ? { listen: definition.listen.map(topic) } : {})
    made.set(wanted, known)
    return known
  }
  const listed = [...definitions.keys()].map(notified).filter(one => one.type === 'handler')
  return role(name, { handlers: listed, tasks: ({ host }) => steps.map(step => itemOf(step, { host: host.name, notified, trouble })) })
}

interface Where {
  readonly host: string
  readonly notified: Notified
  readonly trouble: Trouble
}

function itemOf(step: Step, where: Where): Item {
  if (step === 'flush') return flush()
  if (typeof step !== 'string' && 'assert' in step) {
    const that = (where.trouble[`${where.host} ${step.assert}`] ?? where.trouble[step.assert]) === undefined
    return assert({ name: step.assert, that, message: 'it is not', remedy: '' })
  }
  if (typeof step !== 'string' && 'include' in step) return include(roleOf(step.include, step, where.trouble))
  if (typeof step !== 'string' && 'block' in step) {
    const all = (steps: readonly Step[]): readonly Item[] => steps.map(one => itemOf(one, where))
    const { rescue = [], always = [], tags = [] } = step
    return block({ tasks: all(step.block), rescue: all(rescue), always: all(always) }, { tags })
  }
  const given = taskOf(step)
  const options = optionsOf(given, where.notified)
  return given.runs ? action({ name: given.do }, options) : cell({ name: given.do, is: '1' }, options)
}

function optionsOf({ notify, tags, when, ignore, retries, on }: Do, notified: Notified): Parameters<typeof cell>[1] {
  return {
    ...(notify ? { notify: notify.map(notified) } : {}),
    ...(tags ? { tags } : {}),
    ...(when === false ? { when } : {}),
    ...(ignore ? { ignoreErrors: 'known to' } : {}),
    ...(retries === undefined ? {} : { retries, delay: 0 }),
    ...(on === undefined ? {} : { on }),
  }
}

/** What a table says of an event. Tasks that tags leave out are not mentioned, as Ansible does not. */
function lineOf(event: Event, mode: Scenario['mode']): Told['lines'] {
  if (event.type === 'handler-pending' && mode === 'check') return [{ host: event.host, text: `handler ${event.handler} due` }]
  if (event.type === 'node-finished' && event.outcome.type === 'unreachable') return [{ host: event.host, text: 'unreachable' }]
  if (event.type === 'node-finished' && event.outcome.type === 'failed' && event.outcome.failed.task === undefined) return [{ host: event.host, text: event.outcome.failed.failure.reason }]
  if (event.type !== 'task-finished') return []
  const word = wordOf(event.outcome)
  return word === undefined ? [] : [{ host: event.host, text: `${event.task.handler ? 'handler ' : ''}${event.task.id} ${word}${event.task.on === undefined ? '' : ` on ${event.task.on}`}` }]
}

function wordOf(outcome: TaskOutcome): string | undefined {
  switch (outcome.type) {
    case 'ok':
    case 'changed':
    case 'unknown':
      return outcome.type
    case 'would-change':
      return 'would change'
    case 'skipped':
      return outcome.why === 'when' ? 'skipped' : undefined
    case 'failed':
      if (outcome.failure.reason === 'connection-lost') return undefined
      return outcome.ignored === undefined || outcome.ignored.startsWith('rescued by') ? 'failed' : 'failed, ignored'
  }
}
