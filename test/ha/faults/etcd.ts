import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'
import { z } from 'zod'
import type { Writer } from '../writer.ts'
import { leaderOf } from './control-planes.ts'
import type { ClusterFault } from './fault.ts'
import { changedOn, told, type Site } from './site.ts'

/** Milliseconds for which a member is gone. The table of faults says five minutes; TS_PLAY_FAULTS_ABSENCE=300 does. */
const ABSENCE = Number(process.env['TS_PLAY_FAULTS_ABSENCE'] ?? 60) * 1000
const MANIFEST = '/etc/kubernetes/manifests/etcd.yaml'

/** A static pod goes with its manifest. */
const halt = (site: Site, host: string): Promise<unknown> => site.on(host, `mv ${MANIFEST} /root/etcd.yaml && while pgrep -x etcd >/dev/null; do sleep 0.2; done`)
const resume = (site: Site, host: string): Promise<unknown> => site.on(host, `[ ! -e /root/etcd.yaml ] || mv /root/etcd.yaml ${MANIFEST}`)
const resumeAll = async (site: Site): Promise<void> => {
  for (const host of site.controlPlanes) await resume(site, host)
}

/** Whether nothing is acknowledged for a while. */
async function silent(writer: Writer, milliseconds: number): Promise<boolean> {
  return Promise.race([writer.writes(1).then(() => false), pause(milliseconds).then(() => true)])
}

const Status = z.tuple([z.object({ Status: z.object({ dbSize: z.number(), header: z.object({ revision: z.number() }) }) })])
const statusOf = async (site: Site, host: string): Promise<{ readonly dbSize: number; readonly revision: number }> => {
  const [{ Status: { dbSize, header } }] = Status.parse(JSON.parse(await site.etcdctl(host, 'endpoint status -w json')))
  return { dbSize, revision: header.revision }
}

const restarts = async (site: Site, host: string): Promise<number> => Number(await site.kube.kubectl('get', 'pod', '-n', 'kube-system', `etcd-${host}`, '-o', 'jsonpath={.status.containerStatuses[0].restartCount}'))

export const etcdFaults: readonly ClusterFault[] = [
  {
    to: 'a cluster',
    id: 'F7',
    what: `one member of etcd stopped for ${ABSENCE / 1000} s`,
    criteria: { gap: 5, recovered: 120 },
    inject: async site => {
      const leader = await leaderOf(site, ...site.controlPlanes)
      const host = site.controlPlanes.find(name => name !== leader) ?? ''
      await halt(site, host)
      await pause(ABSENCE)
      expect(await site.kube.etcdMembers(...site.controlPlanes.filter(name => name !== host))).toBe(2)
      return { text: `${host}, 2 of 3 healthy` }
    },
    heal: resumeAll,
    well: async site => {
      if (!(await site.allReady())) return false
      // Nothing that starts again and again, or copies the whole store each time.
      const before = await Promise.all(site.controlPlanes.map(host => restarts(site, host)))
      await pause(10_000)
      expect(await Promise.all(site.controlPlanes.map(host => restarts(site, host)))).toEqual(before)
      return site.allReady()
    },
  },
  {
    to: 'a cluster',
    id: 'F8',
    what: 'two of three members of etcd stopped',
    criteria: { recovered: 180 },
    inject: async (site, writer) => {
      const [, ...two] = site.controlPlanes
      for (const host of two) await halt(site, host)
      await pause(10_000)
      expect(await silent(writer, 20_000), 'nothing is acknowledged without a quorum').toBe(true)
      return { text: `${two.join(' and ')}; no write acknowledged meanwhile` }
    },
    heal: resumeAll,
    well: site => site.allReady(),
  },
  {
    to: 'a cluster',
    id: 'F22',
    what: 'etcd is full: one member’s quota is used up',
    criteria: { recovered: 120 },
    inject: async (site, writer) => {
      const [host = ''] = site.controlPlanes
      const { dbSize } = await statusOf(site, host)
      await site.on(host, `cp ${MANIFEST} /root/etcd-whole.yaml && sed 's/^    - etcd$/&\\n    - --quota-backend-bytes=${dbSize + 8_000_000}/' /root/etcd-whole.yaml >/root/etcd-small.yaml && mv /root/etcd-small.yaml ${MANIFEST}`)
      await site.until('etcd has its small quota', async () => (await site.lab.console(host, 'pgrep -fa "^etcd .*--quota-backend-bytes"')).code === 0 && (await site.allReady()))
      await site.until('etcd is full', async () => {
        await site.lab.console(host, `head -c 1000000 /dev/zero | tr '\\0' x >/tmp/fill`)
        await site.etcdctl(host, 'put /ts-play-fill </tmp/fill').catch(() => '')
        return (await site.etcdctl(host, 'alarm list')).includes('NOSPACE')
      })
      expect(await silent(writer, 5000), 'nothing is acknowledged while the alarm is raised').toBe(true)
      const refused = await site.run('ha')
      expect(refused.code, told(refused)).toBe(1)
      expect(changedOn(refused)).toEqual([])
      for (const words of [`etcd on ${host} has raised NOSPACE`, 'etcdctl compact', 'etcdctl defrag', 'etcdctl alarm disarm']) expect(refused.stdout.replaceAll(/\s+/g, ' ')).toContain(words)
      return { text: `${host} at ${Math.round(dbSize / 1e6) + 8} MB; the run refused with nothing changed, and its steps helped` }
    },
    // What the run said, one after another.
    heal: async site => {
      const [host = ''] = site.controlPlanes
      await site.on(host, `mv /root/etcd-whole.yaml ${MANIFEST}`)
      // As long as the alarm is raised no member calls itself healthy.
      await site.until('etcd has its quota again', async () => (await site.lab.console(host, 'pgrep -fa "^etcd .*--quota-backend-bytes"')).code !== 0 && (await statusOf(site, host)).dbSize > 0)
      await site.etcdctl(host, `compact ${(await statusOf(site, host)).revision}`)
      for (const each of site.controlPlanes) await site.etcdctl(each, 'defrag --command-timeout 60s')
      await site.etcdctl(host, 'alarm disarm')
      await site.etcdctl(host, 'del /ts-play-fill')
    },
    well: async site => {
      if (!(await site.allReady())) return false
      const again = await site.run('ha')
      return again.code === 0 && changedOn(again).length === 0
    },
  },
]
