import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openLab, type Lab } from './lab.ts'
import { requireLab } from './require-lab.ts'
import { inventoryOf, tsPlay, type Finished, type TsPlay } from './support/ts-play.ts'

/** Both hosts have the second one do something, each with a handler there, and the controller too; then a play of one host, and one on the controller. */
const PLAYBOOK = `import { command, controller, everyone, fact, file, groups, handler, on, play, playbook, role, secret, sh, topic, z } from 'ts-play'
const { one, two } = groups('one', 'two')
const changed = topic('entries changed')
const reload = handler('reload', command({ name: 'reload', run: sh\`echo reloaded >>/srv/reloads\` }), { listen: [changed] })
const name = fact({ name: 'name', query: sh\`cat /etc/hostname\`, parse: text => text.trim() })
const register = role('register', {
  vars: { folder: z.string() },
  handlers: [reload],
  tasks: ({ host, vars }) => [
    file({ path: '/srv/own', content: host.name + '\\n' }),
    on('h2', [
      command({ name: 'once', run: sh\`echo x >>/srv/count; sleep 0.3; touch /srv/once\`, creates: '/srv/once' }),
      file({ path: '/srv/entry-' + host.name, content: host.address + '\\n' }, { notify: [changed] }),
    ]),
    file({ path: vars.folder + '/' + host.name, content: 'from the controller\\n' }, { on: 'localhost' }),
  ],
})
const there = role('there', { facts: { name }, tasks: ({ host, on: where, facts }) => [file({ path: '/srv/for-' + host.name, content: where.name + ' ' + facts.name + '\\n' })] })
const here = role('here', { vars: { folder: z.string() }, tasks: ({ host, vars }) => [file({ path: vars.folder + '/self', content: host.name + '\\n' })] })
export default playbook('delegating', [play(register, { hosts: everyone }), play(there, { hosts: one, on: two }), play(here, { hosts: controller })])
`
/** What a task may say about itself. */
const OPTIONS = `import { command, groups, play, playbook, role, secret, sh, z } from 'ts-play'
const { one } = groups('one')
const environment = { TOKEN: secret\`s3cr3t-4711\` }
const scan = sh\`umask 077; printf %s "$TOKEN" >/srv/token
for f in /proc/[0-9]*/cmdline; do while IFS= read -r l || [ -n "$l" ]; do case $l in *"$TOKEN"*) echo "argument of $f" ;; esac; done <"$f"; done 2>/dev/null >/srv/leaks
find /run /tmp /var/tmp /dev/shm /var/lib/ts-play -type f -perm /044 -exec grep -lF "$TOKEN" {} + 2>/dev/null >>/srv/leaks || :\`
const options = role('options', {
  vars: { tries: z.string().default('3'), seconds: z.string().default('0') },
  tasks: ({ vars }) => [
    command({ name: 'scan', run: scan, creates: '/srv/leaks' }, { environment }),
    command({ name: 'who', run: sh\`id -un >/tmp/who\`, creates: '/tmp/who' }, { become: 'nobody' }),
    command({ name: 'flaky', run: sh\`echo x >>/srv/tries; [ $(wc -l </srv/tries) -ge \${vars.tries} ]; touch /srv/flaky\`, creates: '/srv/flaky' }, { retries: 4, delay: 50, backoff: 2 }),
    command({ name: 'slow', run: sh\`sleep \${vars.seconds}; touch /srv/slow\`, creates: '/srv/slow' }, { timeout: 2000 }),
  ],
})
export default playbook('options', [play(options, { hosts: one })])
`

describe.skipIf(requireLab())('what is executed elsewhere, or as somebody else', () => {
  let lab: Lab
  let play: TsPlay
  let inventory: string
  beforeAll(async () => {
    lab = await openLab()
    await lab.up('h1', 'h2')
    play = await tsPlay(lab)
    inventory = await play.write('inventory.yaml', inventoryOf(lab, { one: ['h1'], two: ['h2'] }, { folder: play.folder }))
  })
  afterAll(async () => {
    await play?.[Symbol.asyncDispose]()
    await lab?.down()
  })
  beforeEach(async () => void (await Promise.all(['h1', 'h2'].map(host => lab.console(host, 'rm -rf /srv/* /tmp/who /var/lib/ts-play')))))

  const said = async (host: string, command: string): Promise<string> => (await lab.console(host, command)).stdout.trim()
  const outcomes = ({ events }: Finished): readonly string[] => events.flatMap(event => (event.type === 'task-finished' ? [`${event.host}${event.task.on === undefined ? '' : ` → ${event.task.on}`}: ${event.task.title} ${event.outcome.type}`] : []))

  test('is done there for each host, once where they want the same, with facts of there and variables of here', async () => {
    const words = [await play.write('delegating.ts', PLAYBOOK), '-i', inventory]
    const first = await play.run(words)
    expect(first.code, first.stdout + first.stderr).toBe(0)
    expect(await said('h2', 'cat /srv/count')).toBe('x')
    expect(await said('h2', 'cat /srv/entry-h1 /srv/entry-h2')).toBe(`${lab.address('h1')}\n${lab.address('h2')}`)
    expect(await said('h2', 'cat /srv/for-h1')).toBe(`h2 ${await said('h2', 'cat /etc/hostname')}`)
    expect(await said('h1', 'ls /srv')).toBe('own')
    expect(outcomes(first)).toEqual(expect.arrayContaining(['h1 → h2: file /srv/entry-h1 changed', 'h2: file /srv/entry-h2 changed', `h1 → localhost: file ${play.folder}/h1 changed`, 'h1 → h2: file /srv/for-h1 changed', `localhost: file ${play.folder}/self changed`]))
    expect(first.stdout).toContain('[h1 → h2] register : file /srv/entry-h1')
    // Once or twice, by whether the second entry was there when the first one's handler ran; never not at all, and nothing stays due.
    expect(await said('h2', 'cat /srv/reloads')).toMatch(/^reloaded(\nreloaded)?$/)
    expect(await said('h2', 'ls /var/lib/ts-play/pending')).toBe('')
    const second = await play.run(words)
    expect(second.code).toBe(0)
    expect(outcomes(second).every(line => line.endsWith(' ok'))).toBe(true)
    expect((await play.run([...words, '--check'])).code).toBe(0)
  })

  test('has its secrets in no argument and no file that others can read, runs as its user, tries again, and is ended after its own time', async () => {
    const file = await play.write('options.ts', OPTIONS)
    const run = (vars: Readonly<Record<string, string>>) => play.write('options.yaml', inventoryOf(lab, { one: ['h1'], two: ['h2'] }, vars)).then(path => play.run([file, '-i', path, '--output', 'plain', '--verbose', '--diff']))
    const first = await run({ seconds: "'0'" })
    expect(first.code, first.stdout + first.stderr).toBe(0)
    expect(await said('h1', 'cat /srv/token; echo; cat /srv/leaks; stat -c %U /tmp/who; wc -l </srv/tries')).toBe('s3cr3t-4711\nnobody\n3')
    expect(first.stdout + first.stderr + JSON.stringify(first.events)).not.toContain('s3cr3t')

    await lab.console('h1', 'rm -f /srv/slow')
    const late = await run({ seconds: "'300'" })
    expect(late.code).toBe(1)
    const [failed] = late.events.flatMap(event => (event.type === 'run-finished' ? event.failures : []))
    expect(failed).toMatchObject({ task: 'command slow', failure: { reason: 'timed-out', message: 'h1 did not finish within 2 s; the host ended it' } })
    expect(await said('h1', 'pgrep -f "^sleep 300$" || echo gone')).toBe('gone')
  })
})
