import { expect } from 'vitest'
import { z } from 'zod'
import { WORKLOAD } from '../workload.ts'
import type { ClusterFault } from './fault.ts'
import type { Site } from './site.ts'

/** What the balancers with the floating address logged of a server since a moment. */
async function logged(site: Site, holder: string, host: string, since: string): Promise<readonly string[]> {
  const log = await site.on(holder, `journalctl -u haproxy --since '${since}' -o cat`)
  return Array.from(log.matchAll(new RegExp(`Server apiservers/${host} is (UP|DOWN)`, 'g')), ([, state = '']) => state)
}

/** Pods of the workload, where they are, and how often they were started. */
const pods = async (site: Site, but: string): Promise<readonly string[]> =>
  (await site.kube.kubectl('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={range .items[*]}{.spec.nodeName} {.metadata.uid} {.status.containerStatuses[*].restartCount}{"\\n"}{end}')).split('\n').filter(line => !line.startsWith(`${but} `)).toSorted()

const Statuses = z.array(z.object({ Endpoint: z.string(), Status: z.object({ leader: z.number(), header: z.object({ member_id: z.number() }) }) }))

/** The control plane whose etcd leads, as the first of these says that answers. */
export async function leaderOf(site: Site, ...asked: readonly string[]): Promise<string> {
  for (const host of asked) {
    // It exits 1 when a member does not answer, and tells of the others.
    const { stdout } = await site.etcd(host, 'endpoint status --cluster -w json')
    if (!stdout.startsWith('[')) continue
    // Ids are 64 bits long: both lose the same ones.
    const leader = Statuses.parse(JSON.parse(stdout)).find(({ Status: { leader: id, header } }) => id === header.member_id)
    return site.controlPlanes.find(name => leader?.Endpoint === `https://${site.lab.address(name)}:2379`) ?? ''
  }
  return ''
}

let victim = ''

/** What serves the API, and what keeps its data, on one machine. */
export const controlPlaneFaults: readonly ClusterFault[] = [
  {
    to: 'a cluster',
    id: 'F3',
    what: 'SIGKILL of the kube-apiserver of one control plane',
    criteria: { gap: 5 },
    inject: async site => {
      const [host = ''] = site.controlPlanes
      const holder = await site.theHolder()
      const since = await site.on(holder, "date '+%F %T'")
      await site.on(host, 'pkill -9 -x kube-apiserver')
      const down = await site.until('the balancer has marked it down', async () => (await logged(site, holder, host, since)).includes('DOWN'), { patience: 60 })
      const up = await site.until('the balancer has marked it up again', async () => (await logged(site, holder, host, since)).at(-1) === 'UP', { patience: 240 })
      return { text: `${host} down for the balancer after ${down.toFixed(1)} s, up ${up.toFixed(1)} s later` }
    },
    well: site => site.allReady(),
  },
  {
    to: 'a cluster',
    id: 'F4',
    what: 'power cut of the control plane with etcd’s leader',
    criteria: { gap: 15 },
    inject: async (site, writer) => {
      await site.kube.apply(WORKLOAD)
      await site.kube.kubectl('rollout', 'status', 'daemonset/web', '--timeout', '120s', '--request-timeout', '0')
      victim = await leaderOf(site, ...site.controlPlanes)
      expect(victim).not.toBe('')
      const before = await pods(site, victim)
      await site.lab.kill(victim)
      const others = site.controlPlanes.filter(host => host !== victim)
      let leader = ''
      const elected = await site.until('another one leads', async () => (leader = await leaderOf(site, ...others)) !== '' && leader !== victim)
      await writer.writes(30)
      expect(await pods(site, victim), 'pods on the others are unaffected').toEqual(before)
      return { text: `${victim} led, then ${leader} (seen after ${elected.toFixed(1)} s); ${before.length} pods on the others unaffected` }
    },
    heal: site => site.lab.start(victim),
    well: site => site.allReady(),
  },
]
