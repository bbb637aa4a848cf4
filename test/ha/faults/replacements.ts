import { expect } from 'vitest'
import type { ClusterFault } from './fault.ts'
import { orderly, renew } from './runs.ts'
import { changedOn, secondsOf, told, type Site } from './site.ts'

/** Workers that join beside a control plane: as many as the lab's two processors and their memory carry. */
const MORE = Array.from({ length: Number(process.env['TS_PLAY_FAULTS_WORKERS'] ?? 6) }, (_, index) => `w${index + 3}`)

const nodes = async (site: Site): Promise<readonly string[]> => (await site.kube.kubectl('get', 'nodes', '-o', 'name')).split('\n').map(line => line.replace('node/', '')).toSorted()
const members = async (site: Site): Promise<readonly string[]> => (await site.etcdctl(site.controlPlanes.at(-1) ?? '', 'member list')).split('\n').map(line => line.split(', ')[2] ?? '').toSorted()

/** Machines that are gone, and machines that take their place. */
export const replacements: readonly ClusterFault[] = [
  {
    id: 'F9',
    to: 'a cluster',
    what: 'the disk of a control plane is wiped',
    criteria: { gap: 15 },
    inject: async site => {
      await renew(site, 'cp2')
      const ran = await site.run('ha')
      expect(ran.code, told(ran)).toBe(0)
      const removed = ran.events.flatMap(event => (event.type === 'task-finished' && event.task.title.startsWith('etcd-members') && event.outcome.type === 'changed' ? [event.host] : []))
      expect(removed, 'its old member is removed once').toHaveLength(1)
      expect(await members(site)).toEqual([...site.controlPlanes].toSorted())
      expect(await nodes(site)).toEqual([...site.controlPlanes, ...site.workers].toSorted())
      return { text: `cp2 is back, ${secondsOf(ran)} s` }
    },
    well: site => site.allReady(),
  },
  {
    id: 'F10',
    to: 'a cluster',
    what: 'the control plane that made the cluster is destroyed, and another one takes its place',
    criteria: { gap: 15 },
    inject: async site => {
      await site.lab.destroy('cp1')
      await site.lab.up('cp4')
      site.controlPlanes = ['cp4', 'cp2', 'cp3']
      const refused = await site.run('ha')
      expect([refused.code, refused.stdout.replaceAll(/\s+/g, ' ')], told(refused)).toEqual([1, expect.stringContaining('run again with --allow-destroy cp1')])
      const ran = await site.run('ha', '--allow-destroy', 'cp1')
      expect(ran.code, told(ran)).toBe(0)
      await site.until('every node is Ready', () => site.allReady())
      expect(await members(site)).toEqual([...site.controlPlanes].toSorted())
      expect(await site.kube.kubectl('get', 'configmap', '-n', 'kube-public', 'cluster-info', '-o', 'jsonpath={.data.kubeconfig}')).toContain('server: https://api.lab:6443')
      return { text: `cp4 joined, ${secondsOf(ran)} s` }
    },
    well: site => site.allReady(),
  },
  {
    id: 'F20',
    to: 'a cluster',
    what: `${MORE.length} workers join while a control plane joins`,
    criteria: { gap: 15 },
    inject: async site => {
      await renew(site, 'cp3')
      await site.lab.up(...MORE)
      site.workers = [...site.workers, ...MORE]
      const ran = await site.run('ha')
      expect(ran.code, told(ran)).toBe(0)
      await site.until('every node is Ready', () => site.allReady())
      await orderly(site)
      const joins = ran.events.flatMap(event => (event.type === 'task-started' || event.type === 'task-finished') && event.task.title === 'command kubeadm join' ? [{ host: event.host, type: event.type, at: event.at }] : [])
      const [from = 0, to = 0] = ['task-started', 'task-finished'].map(type => joins.find(each => each.host === 'cp3' && each.type === type)?.at)
      const beside = MORE.filter(host => joins.some(each => each.host === host && each.at >= from && each.at <= to))
      return { text: `${site.workers.length} workers Ready, ${beside.length} of them joined while cp3 did, ${secondsOf(ran)} s` }
    },
    // They have shown what they were for, and cost what the next fault needs.
    heal: async site => {
      site.workers = site.workers.filter(host => !MORE.includes(host))
      for (const host of MORE) {
        await site.lab.destroy(host)
        await site.kube.kubectl('delete', 'node', host)
      }
      const settled = await site.run('ha')
      expect(settled.code, told(settled)).toBe(0)
      expect(changedOn(settled).filter(host => site.controlPlanes.includes(host) || host.startsWith('lb'))).toEqual([])
    },
    well: site => site.allReady(),
  },
]
