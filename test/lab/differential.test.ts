import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openLab, type Lab } from './lab.ts'
import { requireLab } from './require-lab.ts'
import { foretold, type Foretold } from './support/foretold.ts'
import { BARE, SERVICE_MOVED, STATES } from './support/site-states.ts'
import { treeOf, untilStill } from './support/tree.ts'
import { inventoryOf, tsPlay, type Finished, type TsPlay } from './support/ts-play.ts'

/** What went wrong in a run, for whoever reads why a test failed. */
const failuresOf = ({ events, stderr }: Finished): string => {
  const failed = events.filter(event => event.type === 'task-finished' && event.outcome.type === 'failed')
  return [...failed.map(event => JSON.stringify(event)), stderr].join('\n')
}

const PLAYBOOK = fileURLToPath(new URL('support/site.ts', import.meta.url))
/** The same sets each time; another seed looks at others. */
const SEED = Number(process.env['TS_PLAY_SEED'] ?? 1)

describe.skipIf(requireLab())('what a check says is what the run after it does, from a host', () => {
  let lab: Lab
  let play: TsPlay
  let words: readonly string[]
  beforeAll(async () => {
    lab = await openLab()
    await lab.up('h1')
    play = await tsPlay(lab)
    await untilStill(lab, 'h1')
    words = [PLAYBOOK, '-i', await play.write('inventory.yaml', inventoryOf(lab, { machines: ['h1'] }, { token: 's3cr3t' }))]
  })
  afterAll(async () => {
    await play?.[Symbol.asyncDispose]()
    await lab?.down()
  })

  const drift = async (script: string): Promise<void> => {
    const { code, stderr } = await lab.console('h1', `set -eu\n${script}`)
    expect(code, stderr).toBe(0)
  }
  const json = (...more: readonly string[]): Promise<Finished> => play.run([...words, ...more], { onEvent: () => undefined })

  /** Checks, runs, and gives how the two compare; a check that wrote anything fails. */
  async function checkAndRun(more: readonly string[], moved: readonly string[] = []): Promise<Foretold> {
    const before = await treeOf(lab, 'h1', 'contents')
    const check = await json('--check', ...more)
    expect(await treeOf(lab, 'h1', 'contents'), 'a check writes nothing').toBe(before)
    const run = await json(...more)
    expect(run.code, failuresOf(run)).toBe(0)
    const compared = foretold(check.events, run.events, moved)
    const saidChange = check.events.some(event => event.type === 'task-finished' && event.outcome.type === 'would-change')
    expect(check.code).toBe(compared.unknown.length > 0 ? 3 : saidChange ? 2 : 0)
    return compared
  }

  test('that is bare', async () => {
    expect(await checkAndRun(['--skip-tags', 'personal,derived,free'], SERVICE_MOVED)).toEqual({ ...BARE, differs: [] })
  })

  // Each begins on the host as the one before it has left it, which has to be as wanted: whatever that left to do would show.
  test.each(STATES)('$name', async ({ drift: script, more = ['--skip-tags', 'derived,free'], moved = [], changed, unknown = [], handlers = [] }) => {
    await drift(script)
    expect(await checkAndRun(more, moved)).toEqual({ changed, unknown, handlers, differs: [] })
  })

  test(`with several of these at once (TS_PLAY_SEED=${SEED})`, { timeout: 600_000 }, async () => {
    const plain = STATES.filter(state => state.more === undefined)
    const some = fc.uniqueArray(fc.constantFrom(...plain), { minLength: 2, maxLength: 8 })
    await fc.assert(fc.asyncProperty(some, async states => {
      // What another one has taken away cannot drift any more.
      for (const state of states) await lab.console('h1', state.drift)
      const { differs } = await checkAndRun(['--skip-tags', 'derived'], SERVICE_MOVED)
      expect(differs, states.map(state => state.name).join('; ')).toEqual([])
    }), { seed: SEED, numRuns: 4, endOnFailure: true })
  })
})
