import {
  block, command, directory, everyone, fact, file, flush, group, groups, handler, lineInFile, minted, optional, output, play, playbook, role, rolling, service, sh, stage, symlink, sysctl, systemdUnit, user, waitFor, z,
  byHost,
} from 'ts-play'

/*
 * A small fleet, as a run that is killed anywhere needs it: everything that is brought about carries the `release`, so another release changes
 * everything again, and what has become of it can be read on the host. The service shows what it was started with, handlers write down that they ran.
 */

const release = z.string()
const note = (what: string, text: string) => handler(`note ${what}`, command({ name: `note ${what}`, run: sh`echo ${`${what} ${text}`} >>/root/notes` }))
const restart = handler('restart app', service({ name: 'app', state: 'restarted', settle: 100 }))

/** What a host has joined: `none`, or release and ticket. */
const joined = fact({ name: 'joined', lifetime: 'volatile', query: sh`cat /srv/app/joined 2>/dev/null || echo none`, parse: text => text.trim().split(' ')[0] ?? 'none', standIn: seed => `imagined-${seed}` })
const migrated = fact({ name: 'migrated', lifetime: 'volatile', query: sh`cat /srv/app/migrated 2>/dev/null || :`, parse: text => text.trim(), standIn: seed => `imagined-${seed}` })

const State = output('fleet-state', seed => `state-${seed}`)
const Endpoint = output('fleet-endpoint', seed => `192.0.2.${seed === 'a' ? 1 : 2}`)
const Ticket = minted('fleet-ticket', seed => `ticket-${seed}`)

const survey = role('survey', { facts: { joined }, outputs: { state: State }, produce: { state: ({ facts }) => facts.joined } })

const base = role('base', {
  vars: { release },
  tasks: ({ vars, host }) => [
    group({ name: 'app' }),
    user({ name: 'app', group: 'app', home: '/srv/home', shell: '/bin/sh' }),
    directory({ path: '/srv/app', owner: 'app', group: 'app' }),
    file({ path: '/srv/app/base.conf', content: `base ${vars.release}\n`, owner: 'app' }, { notify: [note('base', vars.release)] }),
    lineInFile({ path: '/srv/app/lines', line: `release=${vars.release}`, match: '^release=', create: true }),
    sysctl({ key: 'net.core.somaxconn', value: 5000 }),
    command({ name: 'migrate', run: sh`sleep 0.2; echo ${vars.release} >/srv/app/migrated.new; mv /srv/app/migrated.new /srv/app/migrated`, unless: sh`grep -qx ${vars.release} /srv/app/migrated` }, { notify: [note('migrated', vars.release)] }),
    directory({ path: '/srv/app/conf.d' }),
    file({ path: '/srv/app/conf.d/10-app.conf', content: `${host.name} ${vars.release}\n` }, { notify: [restart] }),
    systemdUnit({ name: 'app', content: '[Service]\nExecStart=/bin/sh -c "cat /srv/app/conf.d/*.conf >/run/app.loaded; exec sleep infinity"\n[Install]\nWantedBy=multi-user.target\n' }),
    service({ name: 'app', state: 'running', enabled: true, settle: 100 }),
  ],
})

const leader = role('leader', {
  vars: { release },
  outputs: { endpoint: Endpoint, ticket: Ticket },
  tasks: ({ vars }) => [file({ path: '/srv/app/leader.conf', content: `leader ${vars.release}\n` }, { notify: [note('leader', vars.release)] })],
  produce: {
    endpoint: ({ host }) => host.address,
    ticket: {
      mint: async ({ on, vars }) => (await on.run(sh`mkdir -p /srv/tickets; ticket=$(mktemp /srv/tickets/XXXXXXXX); echo ${vars.release} >"$ticket"; basename "$ticket"`)).trim(),
      revoke: async ({ on, value }) => void (await on.run(sh`rm ${`/srv/tickets/${value}`}`)),
    },
  },
})

const join = role('join', {
  vars: { release },
  facts: { joined },
  inputs: { endpoint: Endpoint, ticket: optional(Ticket) },
  outputs: { state: State },
  neededWhen: { ticket: ({ facts, vars }) => facts.joined !== vars.release },
  tasks: ({ vars, inputs }) => [
    ...(inputs.ticket === undefined ? [] : [command({ name: 'join', run: sh`sleep 0.2; echo ${`${vars.release} ${inputs.ticket}`} >/srv/app/joined.new; mv /srv/app/joined.new /srv/app/joined`, unless: sh`grep -q ${`^${vars.release} `} /srv/app/joined` })]),
    file({ path: '/srv/app/conf.d/20-web.conf', content: `web ${vars.release} ${inputs.endpoint}\n` }, { notify: [restart, note('web', vars.release)] }),
    flush(),
    waitFor({ name: 'the service has its configuration', until: sh`cat /srv/app/conf.d/*.conf | cmp -s - /run/app.loaded`, every: 100, timeout: 10_000 }),
  ],
  produce: { state: async ({ on }) => (await on.query(sh`cat /srv/app/joined`)).trim().split(' ')[0] ?? '' },
})

const data = role('data', {
  vars: { release },
  tasks: ({ vars }) => [
    block({
      tasks: [
        directory({ path: `/srv/app/${vars.release}` }),
        file({ path: `/srv/app/${vars.release}/data.conf`, content: `data ${vars.release}\n` }, { notify: [note('data', vars.release)] }),
        symlink({ path: '/srv/app/current', target: vars.release }),
      ],
      always: [file({ path: '/srv/app/tried', content: `tried ${vars.release}\n` })],
    }),
    file({ path: '/srv/home/own.conf', content: `own ${vars.release}\n` }, { become: 'app', notify: [note('own', vars.release)] }),
    stage({ facts: { migrated } }, ({ facts }) => [file({ path: '/srv/app/seen', content: `${facts.migrated}\n` })]),
  ],
})

const drain = role('drain', { vars: { release }, tasks: ({ vars }) => [file({ path: '/srv/app/drained', content: `drained ${vars.release}\n` })] })
const upgrade = role('upgrade', {
  vars: { release },
  tasks: ({ vars, host }) => [file({ path: '/srv/app/conf.d/20-store.conf', content: `${host.name} ${vars.release}\n` }, { notify: [restart, note('upgraded', vars.release)] })],
})

const roster = role('roster', {
  vars: { release },
  inputs: { states: byHost(State) },
  tasks: ({ vars, inputs }) => [file({ path: '/srv/app/roster', content: `${[...inputs.states].map(([host, state]) => `${host}=${state}`).join(' ')} ${vars.release}\n` }, { notify: [note('roster', vars.release)] })],
})

const { lead, web, store } = groups('lead', 'web', 'store')
const looked = play(survey, { hosts: web })
const based = play(base, { hosts: everyone })
const led = play(leader, { hosts: lead })
const joining = play(join, { hosts: web, serial: 1, with: { endpoint: led.outputs.endpoint.agreed, ticket: led.outputs.ticket.first } })
const stored = play(data, { hosts: store })
export default playbook('fleet', [
  looked,
  based,
  led,
  joining,
  stored,
  rolling({ hosts: store, batch: 2 }, [play(drain, { hosts: store }), play(upgrade, { hosts: store })]),
  play(roster, { hosts: lead, with: { states: joining.outputs.state.byHost } }),
])
