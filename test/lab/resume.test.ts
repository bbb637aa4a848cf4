import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openLab, type Lab } from './lab.ts'
import { requireLab } from './require-lab.ts'
import { untilNothingLeft } from './support/traces.ts'
import { inventoryOf, tsPlay, type Finished, type TsPlay } from './support/ts-play.ts'

/** Two commands without a guard, one before and one after a long one that has a guard or none. */
const playbookOf = (guard: string) => `
import { command, everyone, file, play, playbook, role, sh } from 'ts-play'
const append = (word: string) => command({ name: \`append \${word}\`, run: sh\`echo \${word} >>/srv/log\` })
const steps = role('steps', { tasks: () => [
  append('first'),
  file({ path: '/srv/made', content: 'made\\n' }),
  command({ name: 'take time', run: sh\`echo long >>/srv/log; n=0; while [ ! -e /srv/go ] && [ $n -lt 300 ]; do sleep 0.1; n=$((n+1)); done; echo done >/srv/done\`${guard} }),
  append('last'),
] })
export default playbook('steps', [play(steps, { hosts: everyone })])
`

describe.skipIf(requireLab())('--resume after the controller was killed', () => {
  let lab: Lab
  let play: TsPlay
  let guarded: readonly string[]
  let unguarded: readonly string[]
  beforeAll(async () => {
    lab = await openLab()
    await lab.up('h1')
    play = await tsPlay(lab)
    const inventory = await play.write('inventory.yaml', inventoryOf(lab, { machines: ['h1'] }))
    guarded = [await play.write('guarded.ts', playbookOf(", creates: '/srv/done'")), '-i', inventory]
    unguarded = [await play.write('unguarded.ts', playbookOf('')), '-i', inventory]
  })
  afterAll(async () => {
    await play?.[Symbol.asyncDispose]()
    await lab?.down()
  })
  beforeEach(async () => void (await lab.console('h1', 'rm -rf /srv/* /var/lib/ts-play')))

  const log = async (): Promise<string> => (await lab.console('h1', 'cat /srv/log')).stdout.replaceAll('\n', ' ').trim()
  /** Kills the controller in the middle of the long command, which then ends by itself. */
  async function killed(words: readonly string[]): Promise<void> {
    const running = play.start(words)
    expect((await lab.console('h1', 'n=0; until grep -qs long /srv/log; do sleep 0.1; n=$((n+1)); [ $n -lt 300 ] || exit 1; done')).code).toBe(0)
    running.kill('SIGKILL')
    await running.finished
    await lab.console('h1', 'touch /srv/go')
    await untilNothingLeft(lab, ['h1'], 30_000)
    expect(await log()).toBe('first long')
  }
  const outcomes = ({ events }: Finished): readonly string[] => events.flatMap(event => (event.type === 'task-finished' ? [`${event.task.title}: ${event.outcome.type}${event.outcome.type === 'skipped' ? ` (${event.outcome.why})` : ''}`] : []))
  const resumed = 'skipped (done by the run that is resumed)'

  test('a command without a guard that had finished is not run again, all else is looked at anew', async () => {
    await killed(guarded)
    // Drift since then: what the lost run did is not taken for granted.
    await lab.console('h1', 'rm /srv/made')
    const check = await play.run([...guarded, '--resume', '--check'])
    expect(outcomes(check)).toEqual([`command append first: ${resumed}`, 'file /srv/made: would-change', 'command take time: ok', 'command append last: unknown'])
    const again = await play.run([...guarded, '--resume'])
    expect(again.code, again.stdout).toBe(0)
    expect(outcomes(again)).toEqual([`command append first: ${resumed}`, 'file /srv/made: changed', 'command take time: ok', 'command append last: changed'])
    expect(await log()).toBe('first long last')
  })

  test('a command without a guard that was running is run again: whether it was done is not known', async () => {
    await killed(unguarded)
    const again = await play.run([...unguarded, '--resume'])
    expect(again.code, again.stdout).toBe(0)
    expect(outcomes(again)).toEqual([`command append first: ${resumed}`, 'file /srv/made: ok', 'command take time: changed', 'command append last: changed'])
    expect(await log()).toBe('first long long last')
  })

  test('without it every command without a guard runs again, and there is nothing to resume afterwards', async () => {
    await killed(guarded)
    const again = await play.run(guarded)
    expect(again.code, again.stdout).toBe(0)
    expect(await log()).toBe('first long first last')
    const refused = await play.run([...guarded, '--resume'])
    expect(refused.code).toBe(64)
    expect(refused.stderr).toContain('no interrupted run of this playbook')
    expect(await log()).toBe('first long first last')
  })
})
