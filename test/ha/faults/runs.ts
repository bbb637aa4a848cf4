import fc from 'fast-check'
import { expect } from 'vitest'
import type { ClusterFault } from './fault.ts'
import { changedOn, secondsOf, told, type Site } from './site.ts'

/** Runs that are interrupted, and how many changes lie between them: a new control plane and a new worker need some sixty. TS_PLAY_FAULTS_SEED gives other places. */
const INTERRUPTIONS = 4
const APART = 14
const SEED = Number(process.env['TS_PLAY_FAULTS_SEED'] ?? 1)

const SERVICES = 'containerd kubelet haproxy keepalived'
/** Since when each service runs, on every host. */
const started = (site: Site): Promise<readonly string[]> =>
  Promise.all(site.hosts.map(async host => `${host} ${await site.on(host, `systemctl show -p ActiveEnterTimestampMonotonic --value ${SERVICES} | tr '\\n' ' '`)}`))
/** Hash of the certificate authority of every node. */
const authorities = async (site: Site): Promise<readonly string[]> =>
  [...new Set(await Promise.all([...site.controlPlanes, ...site.workers].map(host => site.on(host, 'sha256sum </etc/kubernetes/pki/ca.crt'))))]
const secrets = (site: Site): Promise<string> => site.kube.kubectl('get', 'secrets', '-n', 'kube-system', '-o', 'jsonpath={range .items[*]}{.type} {.metadata.name}{"\\n"}{end}')
const tickets = async (site: Site): Promise<readonly string[]> => (await secrets(site)).split('\n').filter(line => /^bootstrap\.kubernetes\.io\/token |kubeadm-certs/.test(line))
const learners = async (site: Site): Promise<number> => (await site.etcdctl(site.controlPlanes[0] ?? '', 'member list')).split('\n').filter(line => line.endsWith(', true')).length

/** A control plane and a worker whose disks are new: somebody has to join. */
export async function renew(site: Site, ...hosts: readonly string[]): Promise<void> {
  for (const host of hosts) await site.lab.destroy(host)
  await site.lab.up(...hosts)
}

/** One cluster, nobody half in it, and no door left open. */
export async function orderly(site: Site): Promise<void> {
  expect(await authorities(site)).toHaveLength(1)
  expect(await learners(site)).toBe(0)
  expect(await tickets(site)).toEqual([])
}

/** What happens to the run itself: it is repeated, interrupted, or its tickets go. */
export const runFaults: readonly ClusterFault[] = [
  {
    id: 'F1',
    to: 'a cluster',
    what: 'the playbook is run again',
    criteria: { gap: 5 },
    inject: async site => {
      const before = [await site.kube.staticPods(), await started(site)]
      const again = await site.run('ha')
      expect([again.code, changedOn(again)], told(again)).toEqual([0, []])
      expect([await site.kube.staticPods(), await started(site)]).toEqual(before)
      return { text: `0 changed, 0 restarted, ${secondsOf(again)} s` }
    },
    well: site => site.allReady(),
  },
  {
    id: 'F2',
    to: 'a cluster',
    what: `Ctrl-C at ${INTERRUPTIONS} places of a run that joins a control plane and a worker`,
    criteria: { gap: 15 },
    inject: async site => {
      await renew(site, 'cp3', 'w2')
      // Counted over all runs, as each goes on where the one before was interrupted: none ends in the looking before the first change.
      const places = fc.sample(fc.integer({ min: 1, max: APART }), { seed: SEED, numRuns: INTERRUPTIONS }).map((within, index) => index * APART + within)
      const where: string[] = []
      let changes = 0
      for (const place of places) {
        let task = ''
        const running = await site.start('ha', event => {
          if (event.type !== 'task-finished' || event.outcome.type !== 'changed' || ++changes < place || task !== '') return
          task = `${event.host}: ${event.task.title}`
          running.kill('SIGINT')
        })
        const interrupted = await running.finished
        expect([0, 130], told(interrupted)).toContain(interrupted.code)
        expect(task, `change ${place} was never made`).not.toBe('')
        where.push(`${task} (${interrupted.code})`)
      }
      const ran = await site.run('ha')
      expect(ran.code, told(ran)).toBe(0)
      await site.until('every node is Ready', () => site.allReady())
      await orderly(site)
      const again = await site.run('ha')
      expect([again.code, changedOn(again)], told(again)).toEqual([0, []])
      return { text: `seed ${SEED}; after ${where.join('; ')}` }
    },
    well: site => site.allReady(),
  },
  {
    id: 'F21',
    to: 'a cluster',
    what: 'the controller is killed when it has a ticket, and tokens and certificates are deleted before the next run',
    criteria: { gap: 15 },
    inject: async site => {
      await renew(site, 'cp3', 'w2')
      site.vars = { ...site.vars, pki: 'upload' }
      const running = await site.start('ha', event => {
        if (event.type === 'output-made' && event.output.startsWith('control-plane')) running.kill('SIGKILL')
      })
      const killed = await running.finished
      expect(killed.events.some(event => event.type === 'run-finished'), told(killed)).toBe(false)
      const left = await tickets(site)
      expect(left.length, 'a killed controller takes nothing back').toBeGreaterThan(0)
      for (const name of left.map(line => line.split(' ')[1] ?? '')) await site.kube.kubectl('delete', 'secret', '-n', 'kube-system', name, '--ignore-not-found')
      const ran = await site.run('ha')
      const { pki: _, ...vars } = site.vars
      site.vars = vars
      expect(ran.code, told(ran)).toBe(0)
      await site.until('every node is Ready', () => site.allReady())
      await orderly(site)
      return { text: `${left.length} deleted` }
    },
    well: site => site.allReady(),
  },
]
