import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openLab, type Lab } from './lab.ts'
import { requireLab } from './require-lab.ts'
import { terminal, type Terminal } from './support/terminal.ts'
import { inventoryOf, tsPlay, type TsPlay } from './support/ts-play.ts'

const PROGRAM = fileURLToPath(new URL('../../engine/cli/ts-play.mjs', import.meta.url))
const PLAYBOOK = `
import { command, everyone, file, handler, play, playbook, role, sh } from 'ts-play'
const note = handler('note it', command({ name: 'note it', run: sh\`echo noted >>/srv/notes\` }))
const steps = role('steps', { tasks: () => [
  file({ path: '/srv/one', content: 'one\\n' }, { notify: [note] }),
  file({ path: '/srv/two', content: 'two\\n' }),
  file({ path: '/srv/three', content: 'three\\n' }),
] })
export default playbook('steps', [play(steps, { hosts: everyone })])
`

describe.skipIf(requireLab())('--step on a terminal', () => {
  let lab: Lab
  let play: TsPlay
  let words: readonly string[]
  beforeAll(async () => {
    lab = await openLab()
    await lab.up('h1')
    play = await tsPlay(lab)
    words = [await play.write('steps.ts', PLAYBOOK), '-i', await play.write('inventory.yaml', inventoryOf(lab, { machines: ['h1'] })), '--known-hosts', lab.knownHosts]
  })
  afterAll(async () => {
    await play?.[Symbol.asyncDispose]()
    await lab?.down()
  })
  beforeEach(async () => void (await lab.console('h1', 'rm -rf /srv/* /var/lib/ts-play')))

  const files = async (): Promise<string> => (await lab.console('h1', 'cd /srv; ls')).stdout.replaceAll('\n', ' ').trim()
  const due = async (): Promise<string> => (await lab.console('h1', 'ls /var/lib/ts-play/pending 2>/dev/null | sed s/@.*//')).stdout.trim()
  const step = (...more: readonly string[]): Terminal => terminal([process.execPath, PROGRAM, ...words, '--step', ...more], { XDG_STATE_HOME: play.folder })
  /** Waits for the question about a task, and answers. */
  async function answer(on: Terminal, task: string, keys: string): Promise<void> {
    await on.shows(task)
    await on.shows('(N)o/(y)es/(c)ontinue: ')
    on.type(keys)
  }

  test('does what is answered with yes, leaves out what is not, and keeps a handler due that was refused', async () => {
    await using on = step()
    await answer(on, 'file /srv/one', 'y\r')
    await answer(on, 'file /srv/two', '\r')
    await answer(on, 'file /srv/three', 'YES\r')
    await answer(on, 'handler command note it', 'n\r')
    expect(await on.ended, on.screen()).toBe(0)
    expect(await files()).toBe('one three')
    expect(await due()).toBe('note-it')
    // What was refused is still to be done, and the handler is due: an ordinary run does both.
    const again = await play.run(words)
    expect(again.code, again.stdout).toBe(0)
    expect(await files()).toBe('notes one three two')
    expect(await due()).toBe('')
  })

  test('asks no more after continue', async () => {
    await using on = step()
    await answer(on, 'file /srv/one', 'n\r')
    await answer(on, 'file /srv/two', 'c\r')
    expect(await on.ended, on.screen()).toBe(0)
    expect(await files()).toBe('three two')
    expect(on.screen().split('(c)ontinue').length - 1).toBe(2)
  })

  test('Ctrl-C at the question is a no, and ends the run', async () => {
    await using on = step()
    await answer(on, 'file /srv/one', 'y\r')
    await answer(on, 'file /srv/two', '\u0003')
    expect(await on.ended, on.screen()).toBe(130)
    expect(await files()).toBe('one')
    expect(await due()).toBe('note-it')
  })

  test('asks nobody where nothing differs', async () => {
    expect((await play.run(words)).code).toBe(0)
    await using on = step()
    expect(await on.ended, on.screen()).toBe(0)
    expect(on.screen()).not.toContain('(N)o')
  })

  test('without a terminal is refused before the first connection', async () => {
    const refused = await play.run([...words, '--step'])
    expect(refused.code).toBe(64)
    expect(refused.stderr).toContain('there is no terminal to ask on')
    expect(await files()).toBe('')
  })
})
