import { fileURLToPath } from 'node:url'
import {
  block, command, copy, directory, everyone, fact, file, group, handler, hostsEntry, lineInFile, minted, modifies, optional, output, pkg, play, playbook, resource, role, secret, secretString, service, sh, stage, swap, symlink, sysctl, systemdUnit, user, value, waitFor,
} from 'ts-play'

/*
 * One host with a bit of everything, for comparing what a check says with what the run after it does. What a check may call unknown has tags of its own.
 */

const unit = (name: string) => `[Unit]\nDescription=${name}\n[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n`
const restart = handler('restart site', service({ name: 'site', state: 'restarted', settle: 100 }))
const note = handler('note it', command({ name: 'note', run: sh`echo noted >>/srv/notes` }))

const accounts = role('accounts', {
  tasks: () => [
    group({ name: 'web', gid: 880 }),
    user({ name: 'deploy', uid: 1880, group: 'web', groups: ['adm'], shell: '/bin/sh', home: '/srv/deploy' }),
    user({ name: 'guest', state: 'absent' }),
  ],
})

const site = role('site', {
  vars: { token: secretString() },
  tasks: ({ host, vars }) => [
    pkg({ name: 'tree' }),
    pkg({ name: 'tsp-extra', state: 'absent' }),
    directory({ path: '/srv/www', mode: 0o2750, owner: 'deploy', group: 'web' }),
    file({ path: '/srv/www/index.html', content: `one\ntwo\nhello from ${host.name}\n`, owner: 'deploy', group: 'web', mode: 0o640 }, { notify: [note] }),
    file({ path: '/srv/www/token', content: secret`token: ${vars.token}\n`, owner: 'deploy' }),
    file({ path: '/srv/old', state: 'absent' }),
    directory({ path: '/srv/cache', state: 'absent', recurse: true }),
    symlink({ path: '/srv/current', target: 'www' }),
    copy({ path: '/srv/copied', source: fileURLToPath(import.meta.url), mode: 0o600 }),
    lineInFile({ path: '/srv/settings', line: 'level=3', match: '^level=', create: true }, { notify: [restart] }),
    lineInFile({ path: '/srv/settings', state: 'absent', match: '^debug=' }),
    hostsEntry({ address: '192.0.2.10', names: ['api.example', 'api'] }),
    sysctl({ key: 'net.ipv4.ip_forward', value: 1 }),
    sysctl({ key: 'net.core.somaxconn', value: 5000, atLeast: true }),
    systemdUnit({ name: 'site', content: unit('site') }, { notify: [restart] }),
    systemdUnit({ name: 'site', dropIn: '10-nice', content: '[Service]\nNice=5\n' }, { notify: [restart] }),
    systemdUnit({ name: 'gone', state: 'absent' }),
    service({ name: 'site', state: 'running', enabled: true, settle: 100 }),
    service({ name: 'systemd-tmpfiles-clean.timer', masked: true, state: 'stopped' }),
    command({ name: 'make it', run: sh`echo made >/srv/made`, creates: '/srv/made' }),
    command({ name: 'clear it', run: sh`rm /srv/clutter`, removes: '/srv/clutter' }),
    command({ name: 'set it', run: sh`echo 7 >/srv/level`, unless: sh`[ "$(cat /srv/level)" = 7 ]`, onlyIf: sh`[ -e /srv/made ]`, looksAt: ['/srv/level', '/srv/made'] }),
    file({ path: '/srv/seed', content: 'seed\n' }),
    command({ name: 'grow it', run: sh`cp /srv/seed /srv/grown`, creates: ['/srv/grown', '/srv/seed'] }),
    swap({ state: 'off' }),
    waitFor({ name: 'the index is there', path: '/srv/www/index.html' }),
    block({ tasks: [file({ path: '/srv/in-block', content: 'in\n' })], always: [file({ path: '/srv/always', content: 'always\n' })] }),
  ],
})

/** A kind of one's own, which says nothing of what turns it: the settings, as somebody wants to have them counted. */
const counted = resource<{ path: string }, { lines: string; counted: string }>({
  kind: 'counted',
  id: spec => spec.path,
  probe: ({ path }) => sh`echo "$(grep -c level=3 ${path} 2>/dev/null) $(cat ${path}.count 2>/dev/null)"`,
  parse: ({ stdout }) => ({ lines: stdout.trim().split(' ')[0] || '0', counted: stdout.trim().split(' ')[1] ?? '' }),
  plan: ({ state }) => (state.lines === state.counted ? [] : [modifies('count', value(state.counted), value(state.lines))]),
  apply: ({ spec: { path }, state }) => sh`echo ${state.lines} >${path}.count`,
})

/** What looks at anything, so that any change before it may turn it. */
const free = role('free', {
  tasks: () => [
    command({ name: 'note the level', run: sh`cp /srv/settings /srv/noted`, unless: sh`cmp -s /srv/settings /srv/noted` }),
    command({ name: 'greet', run: sh`id -u deploy >/srv/greeted`, onlyIf: sh`grep -q hello /srv/www/index.html`, creates: '/srv/greeted' }),
    counted({ path: '/srv/settings' }),
  ],
})

/** As a user that an earlier play makes. */
const personal = role('personal', { tasks: () => [file({ path: '/srv/deploy/own', content: 'own\n' }, { become: 'deploy' })] })

/** What a run can know and a check cannot. */
const level = fact({ name: 'level', lifetime: 'volatile', query: sh`cat /srv/level`, parse: text => text.trim(), standIn: seed => `level-${seed}` })
const Level = output('level', seed => `level-${seed}`)
const Ticket = minted('ticket', seed => `ticket-${seed}`)
const source = role('source', {
  facts: { level },
  outputs: { level: Level, ticket: Ticket },
  produce: { level: ({ facts }) => facts.level, ticket: { mint: async ({ on }) => (await on.run(sh`echo minted`)).trim(), revoke: async () => undefined } },
})
const derived = role('derived', {
  inputs: { level: Level, ticket: optional(Ticket) },
  facts: { level },
  neededWhen: { ticket: ({ facts }) => facts.level !== '7' },
  tasks: ({ inputs }) => [
    file({ path: '/srv/derived', content: `level ${inputs.level}\n` }),
    ...(inputs.ticket === undefined ? [] : [file({ path: '/srv/ticket', content: `${inputs.ticket}\n` })]),
    command({ name: 'always run', run: sh`echo ran >>/srv/ran` }),
    stage({ facts: { level } }, ({ facts }) => [file({ path: '/srv/staged', content: `level ${facts.level}\n` })]),
  ],
})

const given = play(source, { hosts: everyone })
export default playbook('site', [
  play(accounts, { hosts: everyone }),
  play(site, { hosts: everyone }),
  play(free, { hosts: everyone }),
  play(personal, { hosts: everyone }),
  given,
  play(derived, { hosts: everyone, with: { level: given.outputs.level.agreed, ticket: given.outputs.ticket.first } }),
])
