import { byHost, file_, groups, handler, include, minted, on, optional, output, play, playbook, role, secret, sh, stage, topic, union, fact, z, Members, type Secret } from './authoring-api.ts'

const Endpoint = output('endpoint', seed => ({ host: `${seed}.invalid`, port: 6443 }))
const State = output('state', (seed): string => seed)
const WorkerTicket = minted('worker-ticket', seed => ({ token: secret`${seed}` }))
const MasterTicket = minted('master-ticket', seed => ({ token: secret`${seed}`, key: secret`${seed}` }))
const version = fact({ name: 'v', query: sh`haproxy -v`, parse: out => out.trim() })

const lbRole = role('lb', {
  vars: { vip: z.string(), port: z.int().default(6443) },
  facts: { version },
  inputs: { backends: Members },
  outputs: { endpoint: Endpoint },
  tasks: ({ vars, inputs, facts }) => [
    file_({ path: '/x', content: `${vars.port.toFixed(0)} ${facts.version.length} ${inputs.backends.map(b => b.address).join()}` }),
    stage({ facts: { version } }, ({ facts: later }) => [file_({ path: '/y', content: later.version })]),
  ],
  produce: { endpoint: ({ vars }) => ({ host: vars.vip, port: vars.port }) },
})
const survey = role('survey', { facts: { version }, outputs: { state: State }, produce: { state: ({ facts }) => facts.version } })
const first = role('first', {
  inputs: { endpoint: Endpoint, survey: byHost(State) },
  outputs: { worker: WorkerTicket, master: MasterTicket },
  skip: ({ inputs, host }) => ([...inputs.survey.keys()][0] === host.name ? undefined : 'not elected'),
  tasks: ({ inputs }) => [file_({ path: '/x', content: `${inputs.endpoint.port}` })],
  produce: {
    worker: { mint: async ({ on }) => ({ token: secret`${await on.run(sh`x`)}` }), revoke: async () => undefined },
    master: { mint: async () => ({ token: secret`a`, key: secret`b` }), revoke: async ({ value, on }) => void (await on.run(sh`rm`, String(value.key))) },
  },
})
const join = role('join', {
  facts: { version },
  inputs: { endpoint: Endpoint, ticket: optional(WorkerTicket) },
  neededWhen: { ticket: ({ facts, inputs }) => facts.version === 'fresh' && inputs.endpoint.port > 0 },
  tasks: ({ inputs }) => (inputs.ticket ? [file_({ path: '/t', content: inputs.ticket.token satisfies Secret<string> })] : []),
})

const { lb, masters, workers } = groups('lb', 'masters', 'workers')
const api = play(lbRole, { hosts: lb, with: { backends: masters.members }, vars: { vip: '10.0.0.1' } })
const state = play(survey, { hosts: masters })
const init = play(first, { hosts: masters, with: { endpoint: api.outputs.endpoint.agreed, survey: state.outputs.state.byHost } })
const nodes = play(join, { hosts: union(workers), with: { endpoint: api.outputs.endpoint.agreed, ticket: init.outputs.worker.first } })
export default playbook('ha', [api, state, init, nodes])

// @ts-expect-error `with` is required
play(first, { hosts: masters })
// @ts-expect-error one binding is missing
play(first, { hosts: masters, with: { endpoint: api.outputs.endpoint.agreed } })
// @ts-expect-error a master ticket is not a worker ticket
play(join, { hosts: workers, with: { endpoint: api.outputs.endpoint.agreed, ticket: init.outputs.master.first } })
// @ts-expect-error one value where the value of every host is wanted
play(first, { hosts: masters, with: { endpoint: api.outputs.endpoint.agreed, survey: state.outputs.state.first } })
// @ts-expect-error the values of all hosts where one is wanted
play(join, { hosts: workers, with: { endpoint: api.outputs.endpoint.byHost, ticket: init.outputs.worker.first } })
// @ts-expect-error members where an output is wanted
play(join, { hosts: workers, with: { endpoint: masters.members, ticket: init.outputs.worker.first } })
// @ts-expect-error unknown var
play(lbRole, { hosts: lb, with: { backends: masters.members }, vars: { vipp: 'x' } })
// @ts-expect-error var of another type
play(lbRole, { hosts: lb, with: { backends: masters.members }, vars: { vip: 5 } })
// @ts-expect-error such a group was not named
void groups('lb').web
play(survey, { hosts: groups('lb?').lb })
// @ts-expect-error an output that the role does not give
void api.outputs.nothing
// @ts-expect-error a role that gives has to produce
role('t1', { outputs: { endpoint: Endpoint }, tasks: () => [] })
// @ts-expect-error an optional input needs its condition
role('t2', { inputs: { ticket: optional(WorkerTicket) }, tasks: () => [] })
// @ts-expect-error no shell in reach of tasks
role('t3', { tasks: ({ host }) => { host.run(sh`rm`); return [] } })
// @ts-expect-error looking cannot run
role('t4', { outputs: { endpoint: Endpoint }, produce: { endpoint: async ({ on }) => ({ host: await on.run(sh`x`), port: 1 }) } })
// @ts-expect-error inference reaches into produce: port wants a number
role('t5', { vars: { vip: z.string() }, outputs: { endpoint: Endpoint }, produce: { endpoint: ({ vars }) => ({ host: vars.vip, port: vars.vip }) } })
// @ts-expect-error a minted output needs its revocation
role('t6', { outputs: { worker: WorkerTicket }, produce: { worker: { mint: async () => ({ token: secret`a` }) } } })
declare const hidden: Secret<string>
// @ts-expect-error a secret cannot become shell text
void sh`echo ${hidden}`
role('t7', {
  inputs: { ticket: optional(WorkerTicket) }, neededWhen: { ticket: () => true },
  // @ts-expect-error an optional input may be undefined
  tasks: ({ inputs }) => [file_({ path: '/x', content: inputs.ticket.token })],
})
// @ts-expect-error a fact's type reaches tasks
role('t8', { facts: { version }, tasks: ({ facts }) => { const n: number = facts.version; return [file_({ path: `${n}`, content: '' })] } })
play(survey, { hosts: lb, name: 'again', after: [state, state.settled] })
// @ts-expect-error a barrier is a play, or its end
play(survey, { hosts: lb, name: 'later', after: [state.outputs] })

const page = role('page', { vars: { title: z.string(), port: z.int().default(80), note: z.string().optional() }, tasks: ({ vars }) => [file_({ path: '/p', content: vars.title })] })
const plain = role('plain', { tasks: () => [] })
const fed = role('fed', { inputs: { endpoint: Endpoint, ticket: optional(WorkerTicket) }, neededWhen: { ticket: () => true }, tasks: () => [] })
role('includes', {
  vars: { title: z.string(), lb: z.string() },
  tasks: ({ vars, host, on: where }) => [
    include(page, { vars: { title: vars.title } }),
    include(page, { vars: { title: vars.title, port: 8080, note: where.name } }),
    include(plain),
    include(fed, { inputs: { endpoint: { host: host.name, port: 1 } } }),
    // @ts-expect-error its variable is missing
    include(page, { vars: { port: 8080 } }),
    // @ts-expect-error all its variables are missing
    include(page),
    // @ts-expect-error a variable of another type
    include(page, { vars: { title: 5 } }),
    // @ts-expect-error such a variable the role does not have
    include(page, { vars: { title: 'x', titel: 'y' } }),
    // @ts-expect-error its input is missing
    include(fed),
    // @ts-expect-error a value, not a reference to a play
    include(fed, { inputs: { endpoint: api.outputs.endpoint.agreed } }),
    // @ts-expect-error such an input the role does not have
    include(plain, { inputs: { endpoint: { host: 'x', port: 1 } } }),
    on(vars.lb, [file_({ path: '/x', content: '' }, { on: 'localhost', become: 'www', environment: { TOKEN: hidden, PLAIN: 'x' } })]),
    // @ts-expect-error a host is named, not given as a group
    on(lb, []),
  ],
})
// @ts-expect-error an included role hands nothing on
void include(lbRole, { vars: { vip: 'x' }, inputs: { backends: [] } }).outputs.endpoint
const certificates = topic('certificates changed')
const renew = handler('renew', file_({ path: '/r', content: '' }), { listen: [certificates] })
role('notifies', { handlers: [renew], tasks: () => [file_({ path: '/x', content: '' }, { notify: [certificates, renew] })] })
// @ts-expect-error a topic is a value, not a text that may be mistyped
file_({ path: '/x', content: '' }, { notify: ['certificates changed'] })
// @ts-expect-error a topic does nothing by itself
role('t9', { handlers: [certificates], tasks: () => [] })
play(plain, { hosts: workers, on: lb })
play(plain, { hosts: workers, on: 'localhost', name: 'local' })
// @ts-expect-error a host or a group, not a play
play(plain, { hosts: workers, on: api })
