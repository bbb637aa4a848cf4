import { hostsOf, taskOf, type HandlerOf, type PlayOf, type Scenario, type Step, type Trouble } from './scenario.ts'

type Keywords = Readonly<Record<string, unknown>>

/** A scenario as ansible-core reads it: its YAML is a superset of JSON. */
export function ansiblePlaybook(scenario: Scenario, trouble: Trouble): readonly Keywords[] {
  return playsOf(scenario).map((play): Keywords => ({
    name: play.name ?? 'p',
    hosts: (play.hosts ?? hostsOf(scenario)).join(','),
    gather_facts: false,
    tasks: tasksOf(play, trouble),
    handlers: handlersIn(play).map(handlerFor),
    ...keywords(play),
    ...play.ansible,
  }))
}

function playsOf({ plays, rolling }: Scenario): readonly PlayOf[] {
  return rolling ? [{ steps: plays.flatMap(play => play.steps), handlers: plays.flatMap(play => play.handlers ?? []), serial: rolling.batch }] : plays
}

function keywords({ tags, serial, maxFailPercentage, anyErrorsFatal }: PlayOf): Keywords {
  return {
    ...(tags ? { tags } : {}),
    ...(serial === undefined ? {} : { serial }),
    ...(maxFailPercentage === undefined ? {} : { max_fail_percentage: maxFailPercentage }),
    ...(anyErrorsFatal ? { any_errors_fatal: true } : {}),
  }
}

/** A play cannot be delegated, a block can. */
function tasksOf({ steps, on }: PlayOf, trouble: Trouble): readonly Keywords[] {
  const tasks = steps.map(step => taskFor(step, trouble))
  return on === undefined ? tasks : [{ block: tasks, delegate_to: on }]
}

/** Those of included roles are known to the whole play, as ours are to the node. */
function handlersIn({ handlers = [], steps }: Pick<PlayOf, 'handlers' | 'steps'>): readonly (string | HandlerOf)[] {
  return [...handlers, ...steps.flatMap(step => (typeof step !== 'string' && 'include' in step ? handlersIn(step) : []))]
}

function handlerFor(given: string | HandlerOf): Keywords {
  const { listen } = typeof given === 'string' ? { listen: undefined } : given
  return { ...taskFor({ ...taskOf(given), runs: true }, {}), ...(listen ? { listen } : {}) }
}

function taskFor(step: Step, trouble: Trouble): Keywords {
  const all = (steps: readonly Step[]): readonly Keywords[] => steps.map(one => taskFor(one, trouble))
  if (step === 'flush') return { 'ansible.builtin.meta': 'flush_handlers' }
  if (typeof step !== 'string' && 'assert' in step) {
    const failing = Object.keys(trouble).filter(key => key.split(' ').at(-1) === step.assert).map(key => (key.includes(' ') ? `inventory_hostname != '${key.split(' ')[0]}'` : 'false'))
    return { name: step.assert, 'ansible.builtin.assert': { that: ['true', ...failing] } }
  }
  if (typeof step !== 'string' && 'include' in step) return { block: all(step.steps), tags: [step.include] }
  if (typeof step !== 'string' && 'block' in step) {
    const { block, rescue, always, tags } = step
    return { block: all(block), ...(rescue ? { rescue: all(rescue) } : {}), ...(always ? { always: all(always) } : {}), ...(tags ? { tags } : {}) }
  }
  const { do: name, notify, tags, when, ignore, retries, runs, on } = taskOf(step)
  return {
    name,
    cell: { name, ...(runs ? { runs } : {}) },
    timeout: 2,
    ...(notify ? { notify } : {}),
    ...(tags ? { tags } : {}),
    ...(when === false ? { when: 'false' } : {}),
    ...(ignore ? { ignore_errors: true } : {}),
    ...(on === undefined ? {} : { delegate_to: on }),
    ...(retries === undefined ? {} : { register: 'told', until: 'told is success', retries, delay: 0 }),
  }
}
