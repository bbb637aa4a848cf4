import { describe, expect, test } from 'vitest'
import { arranged, converge, type Case } from './laws.ts'
import { localHost, type HostOptions } from './local-host.ts'
import { scratch } from './scratch.ts'
import { anyShell, type Shell } from './shells.ts'
import { toolShim, type Happening, type ToolShim } from './tool-shim.ts'
import { appearanceOf, leftovers } from './tree.ts'

/** A case whose apply is killed. */
export interface Interrupted extends Case {
  /** The part of `folder` that an observer looks at. Default all of it. */
  readonly observed?: (folder: string) => string
  /** The apply has several steps that are each whole (a mode, then an owner), so between old and new there are other states. Default false. */
  readonly inSteps?: boolean
  /** Tools of the apply that the shim does not know. */
  readonly also?: readonly string[]
}

interface Attempt {
  readonly folder: string
  readonly shim: ToolShim
  readonly status: number | undefined
  readonly appearance: readonly string[]
  readonly rerun: () => Promise<{ changes: number; appearance: readonly string[] }>
}

/**
 * SIGKILL for the whole process group at each tool that the apply runs, and in the middle of its stdin. After each, the state is the
 * old or the new one, a second run converges, and nothing is left behind. With one shell: which tools run does not depend on it.
 */
export function survivesBeingKilled(kind: string, cases: readonly Interrupted[], shell: Shell = anyShell): void {
  describe.each(cases)(`${kind}, given $given`, given => {
    test('killed at any tool, the state is old or new and a second run converges', { timeout: 120_000 }, async context => {
      context.skip(given.skip !== undefined, given.skip)
      const whole = await attempt(given, { shell })
      expect(whole.status).toBe(0)
      const old = (await attempt(given, { shell, kill: { at: 1, when: 'before' } })).appearance
      expect(whole.shim.used().length).toBeGreaterThan(0)
      const tools = whole.shim.used().length
      // Before each, and after the last: after one is before the next.
      for (let moment = 1; moment <= tools + 1; moment++) {
        const killed = await attempt(given, { shell, kill: moment > tools ? { at: tools, when: 'after' } : { at: moment, when: 'before' } })
        const point = `killed at tool ${moment} of ${tools}, ${killed.shim.used().at(-1)}`
        expect(killed.status, point).toBeUndefined()
        if (!given.inSteps) expect([old, whole.appearance], point).toContainEqual(killed.appearance)
        const again = await killed.rerun()
        expect(again.appearance, point).toEqual(whole.appearance)
        // An empty staging directory may outlive a kill right after the rename, when the next run has nothing to do.
        if (again.changes > 0) expect(leftovers(killed.folder), point).toEqual([])
      }
    })

    test('cut off in the middle of its stdin, nothing has changed and a second run converges', async context => {
      context.skip(given.skip !== undefined, given.skip)
      const whole = await attempt(given, { shell })
      const old = (await attempt(given, { shell, kill: { at: 1, when: 'before' } })).appearance
      for (const stdin of [{ part: 0.5, after: 'closes' }, { part: 0, after: 'closes' }, { part: 0.5, after: 'stays-silent' }] as const) {
        const { host, folder, task } = await arranged(given, shell)
        const look = await host.look(task)
        if (look.type === 'failed') throw new Error(look.result.stderr)
        const script = look.apply()
        if (script.stdin === undefined) return context.skip('its apply reads no stdin')
        const { status } = await localHost({ shell, scratch: folder, stdin, ...given.world?.(folder) }).apply(task, script)
        expect(status, JSON.stringify(stdin)).not.toBe(0)
        expect(seen(given, folder), JSON.stringify(stdin)).toEqual(old)
        await converge(host, task)
        expect(seen(given, folder)).toEqual(whole.appearance)
        expect(leftovers(folder)).toEqual([])
      }
    })
  })
}

async function attempt(given: Interrupted, { shell, kill }: { shell: Shell; kill?: Happening }): Promise<Attempt> {
  const { host, folder, task } = await arranged(given, shell)
  const world = given.world?.(folder) ?? {}
  const shim = toolShim({ folder: scratch(), shell, also: given.also ?? [], below: world.tools ?? [], ...(kill ? { happening: kill } : {}) })
  const options: HostOptions = { shell, scratch: folder, tools: shim.tools, environment: world.environment }
  const look = await host.look(task)
  if (look.type === 'failed') throw new Error(look.result.stderr)
  const { status } = await localHost(options).apply(task, look.apply())
  return {
    folder,
    shim,
    status,
    appearance: seen(given, folder),
    async rerun() {
      const changes = await converge(host, task)
      return { changes: changes.length, appearance: seen(given, folder) }
    },
  }
}

function seen(given: Interrupted, folder: string): readonly string[] {
  return appearanceOf(given.observed?.(folder) ?? folder).map(line => line.replaceAll(folder, '<folder>'))
}
