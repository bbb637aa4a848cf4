import { describe, expect, test } from 'vitest'
import type { Change } from '../../../engine/model/change.ts'
import type { Task } from '../../../engine/model/task.ts'
import { meets } from '../../support/world.ts'
import { localHost, type LocalHost, type Look } from './local-host.ts'
import { expectNoInjection, scratch } from './scratch.ts'
import { shells, type Shell } from './shells.ts'
import { treeOf } from './tree.ts'

/** Stand-ins for the system's tools: folders before PATH, and environment. */
export interface World {
  readonly tools?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

/** A state a host can be in, the task for it, and what the plan has to name. */
export interface Case {
  /** Reads well after "given": `a file with another mode`. */
  readonly given: string
  /** Makes the state below `folder`, an empty directory. Here too fakes are put that `world` then points to. */
  readonly arrange?: (folder: string) => void | Promise<void>
  readonly world?: (folder: string) => World
  readonly task: (folder: string) => Task
  /** The attributes of the plan in order; none where the state is as wished. */
  readonly differs: readonly string[]
  /** Where a host does not know by itself that it is done, and we look. */
  readonly odd?: boolean
  /** Why it cannot run here. */
  readonly skip?: string | undefined
  /** Further claims once it was applied. */
  readonly afterwards?: (folder: string) => void | Promise<void>
}

/**
 * The laws of design.md §5 for every case, with every shell of `among` (default: all there are): looking writes nothing; check shows what a run reports; after apply nothing differs;
 * once more changes nothing.
 */
export function obeysTheLaws(kind: string, cases: readonly Case[], among: readonly Shell[] = shells): void {
  describe.each(among)('$name', shell => {
    describe.each(cases)(`${kind}, given $given`, given => {
      test('looking shows the differences and writes nothing; applying mends them as shown, once', async context => {
        context.skip(given.skip !== undefined, given.skip)
        const { host, folder, task } = await arranged(given, shell)
        const before = treeOf(folder)
        const checked = await differences(host, task)
        expect(checked.map(change => change.attribute)).toEqual(given.differs)
        expect(treeOf(folder), 'looking writes nothing').toEqual(before)
        const look = await seen(host, task)
        expect(look.changes, 'a run reports what check showed').toEqual(checked)
        const settled = checked.length > 0 ? look.settled() : undefined
        if (settled) expect(meets(look.stdout, settled), 'what differs is not taken for done').toBe(false)
        if (checked.length > 0) {
          const { status, stderr } = await host.apply(task, look.apply())
          expect(status, stderr).toBe(0)
        }
        const after = treeOf(folder)
        const done = await seen(host, task)
        expect(done.changes, 'once applied, nothing differs').toEqual([])
        if (settled) expect({ met: meets(done.stdout, settled), said: done.stdout, settled }, 'what is done is known as done').toMatchObject({ met: given.odd !== true })
        expect(treeOf(folder), 'looking writes nothing').toEqual(after)
        await given.afterwards?.(folder)
        expectNoInjection(folder)
      })
    })
  })
}

/** A case brought about on a fresh folder of its own. */
export async function arranged(given: Pick<Case, 'arrange' | 'task' | 'world'>, shell: Shell): Promise<{ host: LocalHost; folder: string; task: Task }> {
  const folder = scratch()
  const host = localHost({ shell, scratch: folder, ...given.world?.(folder) })
  await given.arrange?.(folder)
  return { host, folder, task: given.task(folder) }
}

/** What looking finds; fails the test when it cannot look. */
export async function differences(host: LocalHost, task: Task): Promise<readonly Change[]> {
  return (await seen(host, task)).changes
}

/** Looks, applies if something differs, looks again: nothing may differ then. @returns what differed at first */
export async function converge(host: LocalHost, task: Task): Promise<readonly Change[]> {
  const look = await seen(host, task)
  if (look.changes.length === 0) return []
  const { status, stderr } = await host.apply(task, look.apply())
  expect(status, stderr).toBe(0)
  expect(await differences(host, task)).toEqual([])
  return look.changes
}

async function seen(host: LocalHost, task: Task): Promise<Look & { readonly type: 'seen' }> {
  const look = await host.look(task)
  if (look.type === 'failed') throw new Error(`the probe failed: ${look.result.stderr}`)
  return look
}
