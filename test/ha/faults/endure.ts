import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'
import { httpsPen } from '../https-pen.ts'
import { Writer } from '../writer.ts'
import type { Fault, Row } from './fault.ts'
import { told, type Site } from './site.ts'

/** Writes before and after a fault, so that a gap has two ends. */
const STEADY = 20
/** Milliseconds of quiet before the holders of the floating address are counted. */
const QUIET = 10_000

/** What a fault meets: hosts without a cluster, or a cluster without a fault. */
async function prepare(site: Site, fault: Fault): Promise<void> {
  if (fault.to === 'bare hosts') return expect(site.hasCluster, `${fault.id} needs hosts without a cluster`).toBe(false)
  if (!site.hasCluster) {
    const made = await site.run('ha')
    expect(made.code, told(made)).toBe(0)
  }
  // A fault on top of another one says nothing of either.
  await site.until('the cluster is whole', () => site.allReady(), { patience: 180 })
}

/** Lets a fault happen, to a cluster while somebody is writing to it, and tells what it did. */
export async function endure(site: Site, fault: Fault): Promise<Row> {
  await prepare(site, fault)
  const writer = fault.to === 'a cluster' ? await Writer.start(site.kube, await httpsPen(site.kubeconfig)) : undefined
  await writer?.writes(STEADY)
  let from = performance.now()
  const { moved, text = '' } = fault.to === 'a cluster' && writer !== undefined ? await fault.inject(site, writer) : fault.to === 'bare hosts' ? await fault.inject(site) : {}
  if (fault.heal !== undefined) {
    await fault.heal(site)
    from = performance.now()
  }
  await site.until(`${fault.id}: all is as before`, () => fault.well(site))
  const recovered = (performance.now() - from) / 1000
  await writer?.writes(STEADY)
  if (site.hasCluster) await pause(QUIET)
  const ended = await writer?.stop()
  return {
    id: fault.id,
    what: fault.what,
    criteria: fault.criteria,
    written: ended && { gap: ended.longestGap / 1000, acknowledged: ended.acknowledged, lost: ended.lost },
    floating: site.hasCluster ? { holders: await site.kube.holders(site.vip), answering: await site.answering() } : undefined,
    moved,
    recovered,
    text,
  }
}
