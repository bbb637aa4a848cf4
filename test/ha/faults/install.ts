import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'
import type { EarlyFault } from './fault.ts'
import { MISTAKES } from './mistakes.ts'
import { changedOn, secondsOf, told, type Site } from './site.ts'

/** Seconds for which the balancers do not get to see the first API server. */
const LATE = 60

const hearing = async (site: Site, to: 'deafen' | 'listen'): Promise<void> => {
  const [first = ''] = site.controlPlanes
  for (const balancer of site.balancers) await site.lab[to](first, balancer)
}
const serves = async (site: Site, host: string): Promise<boolean> => (await site.lab.console(host, 'curl -ksf --max-time 2 https://127.0.0.1:6443/readyz')).code === 0

/** From now until a while after it serves, the balancers do not get to the first API server. */
async function late(site: Site): Promise<void> {
  const [first = ''] = site.controlPlanes
  await hearing(site, 'deafen')
  try {
    await site.until('the first API server serves', () => serves(site, first), { every: 500 })
    await pause(LATE * 1000)
  } finally {
    await hearing(site, 'listen')
  }
}

/** Before there is a cluster, and while it is made. */
export const installFaults: readonly EarlyFault[] = [
  {
    id: 'F18',
    to: 'bare hosts',
    what: 'machines that would make no cluster',
    criteria: {},
    inject: async site => {
      for (const mistake of MISTAKES) {
        site.vars = mistake.vars?.(site) ?? {}
        site.hostVars = mistake.hostVars ?? {}
        await mistake.make?.(site)
        const refused = await site.run('ha').finally(async () => {
          site.vars = {}
          site.hostVars = {}
          await mistake.mend?.(site)
        })
        const said = refused.stdout.replaceAll(/\s+/g, ' ')
        expect(refused.code, `${mistake.what}: ${told(refused)}`).toBe(1)
        for (const words of mistake.told(site)) expect(said, mistake.what).toContain(words)
        expect(changedOn(refused), mistake.what).toEqual([])
      }
      return { text: `${MISTAKES.length} mistakes, each refused with nothing changed` }
    },
    well: async () => true,
  },
  {
    id: 'F17',
    to: 'bare hosts',
    what: `the balancers see the first API server ${LATE} s late`,
    criteria: {},
    inject: async site => {
      // Not before: what looks at the network beforehand would refuse a balancer that gets to no API server at all.
      let seen: Promise<void> | undefined
      const running = await site.start('ha', event => {
        if (event.type === 'task-started' && event.task.title === 'command kubeadm init') seen ??= late(site)
      })
      const made = await running.finished
      expect(seen, told(made)).toBeDefined()
      await seen
      expect(made.code, told(made)).toBe(0)
      const init = made.events.flatMap(event => (event.type === 'task-finished' && event.task.title === 'command kubeadm init' ? [event.outcome.type] : []))
      expect(init).toEqual(['changed'])
      return { text: `bare to ready in ${secondsOf(made)} s` }
    },
    well: site => site.allReady(),
  },
]
