import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openLab, type Lab } from './lab.ts'
import { requireLab } from './require-lab.ts'
import { inventoryOf, tsPlay, type Running, type TsPlay } from './support/ts-play.ts'

/** Three tasks, the second of which takes its time, and a handler that the first makes due. */
const PLAYBOOK = `
import { command, everyone, file, handler, play, playbook, role, sh } from 'ts-play'
const note = handler('note it', command({ run: sh\`echo noted >>/srv/notes\` }))
const slow = role('slow', { tasks: () => [
  file({ path: '/srv/first', content: 'first\\n' }, { notify: [note] }),
  command({ name: 'take time', run: sh\`echo begun >/srv/begun; n=0; while [ ! -e /srv/go ] && [ $n -lt 200 ]; do sleep 0.1; n=$((n+1)); done; echo done >/srv/second\`, creates: '/srv/second' }),
  file({ path: '/srv/third', content: 'third\\n' }),
] })
export default playbook('slow', [play(slow, { hosts: everyone })])
`

describe.skipIf(requireLab())('a run that is interrupted during a long task', () => {
  let lab: Lab
  let play: TsPlay
  let words: readonly string[]
  beforeAll(async () => {
    lab = await openLab()
    await lab.up('h1')
    play = await tsPlay(lab)
    words = [await play.write('slow.ts', PLAYBOOK), '-i', await play.write('inventory.yaml', inventoryOf(lab, { machines: ['h1'] }))]
  })
  afterAll(async () => {
    await play?.[Symbol.asyncDispose]()
    await lab?.down()
  })
  beforeEach(async () => void (await lab.exec('h1', 'rm -rf /srv/* /var/lib/ts-play')))

  const files = async (): Promise<string> => (await lab.exec('h1', 'cd /srv; ls; cat notes 2>/dev/null')).stdout.replaceAll('\n', ' ').trim()
  /** The private folder goes last: after the task, the frame loop and the receiver have ended. */
  const left = async (): Promise<string> => (await lab.console('h1', 'ls -d /run/ts-play-* 2>/dev/null; true')).stdout.trim()
  /** Starts a run and waits until its long task has begun. */
  const begun = async (): Promise<Running> => {
    const running = play.start(words)
    const waited = await lab.exec('h1', 'n=0; until [ -e /srv/begun ]; do sleep 0.1; n=$((n+1)); [ $n -lt 300 ] || exit 1; done', { timeout: 60_000 })
    expect(waited.code).toBe(0)
    return running
  }

  test('Ctrl-C lets the running task end, starts nothing new, and leaves the handler due for the next run', async () => {
    const running = await begun()
    running.kill('SIGINT')
    await lab.exec('h1', 'touch /srv/go')
    const finished = await running.finished
    expect(finished.code, finished.stdout).toBe(130)
    expect(await files()).toBe('begun first go second')
    expect((await lab.exec('h1', 'ls /var/lib/ts-play/pending')).stdout).toBe('note-it\n')
    const again = await play.run(words)
    expect(again.code, again.stdout).toBe(0)
    expect(await files()).toBe('begun first go notes second third noted')
    expect((await lab.exec('h1', 'ls /var/lib/ts-play/pending')).stdout).toBe('')
    expect(await left()).toBe('')
  })

  test('SIGKILL of the controller leaves the task to end by itself, nothing of ours afterwards, and a re-run that converges', async () => {
    const running = await begun()
    running.kill('SIGKILL')
    await running.finished
    await lab.exec('h1', 'touch /srv/go')
    // The shell on the host notices the lost connection at once, and goes when its task has ended.
    const gone = await lab.console('h1', 'n=0; while ls -d /run/ts-play-* >/dev/null 2>&1; do sleep 0.2; n=$((n+1)); [ $n -lt 200 ] || exit 1; done')
    expect(gone.code).toBe(0)
    expect(await files()).toBe('begun first go second')
    const again = await play.run(words)
    expect(again.code, again.stdout).toBe(0)
    expect(await files()).toBe('begun first go notes second third noted')
    expect(await left()).toBe('')
  })
})
