import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildBinaries } from '../lab/kubernetes/binaries.ts'
import { writeBundle } from '../lab/kubernetes/bundle.ts'
import { openLab, type Lab } from '../lab/lab.ts'
import { requireLab } from '../lab/require-lab.ts'
import { tsPlay, type TsPlay } from '../lab/support/ts-play.ts'
import { MOMENTS, struckAt, type Moment } from './faults/moment.ts'
import { orderly } from './faults/runs.ts'
import { changedOn, secondsOf, Site, told } from './faults/site.ts'

const SEVEN = ['lb1', 'lb2', 'cp1', 'cp2', 'cp3', 'w1', 'w2'] as const
const SEED = Number(process.env['TS_PLAY_KILL_SEED'] ?? 1)
/** Only these: cp1,w2 */
const CHOSEN = process.env['TS_PLAY_VICTIMS']?.split(',')
const skip = requireLab()

/** Each host of the seven with the moment at which its power is cut; TS_PLAY_KILL_SEED gives other moments. */
const blows: readonly { readonly victim: string; readonly moment: Moment }[] = SEVEN
  .map((victim, index) => ({ victim, moment: fc.sample(fc.constantFrom(...MOMENTS[victim]), { seed: SEED + index, numRuns: 1 })[0]! }))
  .filter(({ victim }) => CHOSEN === undefined || CHOSEN.includes(victim))

describe.skipIf(skip)(`an install that is struck (TS_PLAY_KILL_SEED=${SEED})`, () => {
  let lab: Lab
  let play: TsPlay
  let site: Site
  const tell = (text: string): void => void process.stdout.write(`  ${text}\n`)

  beforeAll(async () => {
    const say = (line: string): void => void process.stderr.write(`${line}\n`)
    await buildBinaries(say)
    await writeBundle(say)
    lab = await openLab()
  })
  // Each install begins with seven bare hosts.
  beforeEach(async () => {
    for (const { host } of await lab.status()) await lab.destroy(host)
    await lab.up(...SEVEN)
    await play?.[Symbol.asyncDispose]()
    play = await tsPlay(lab)
    site = new Site(lab, play)
    await site.forgetCluster()
  })
  afterAll(async () => {
    await play?.[Symbol.asyncDispose]()
    await lab?.down()
  })

  const well = async (): Promise<void> => {
    await site.until('every node is Ready', () => site.allReady())
    await orderly(site)
    expect(await site.kube.holders(site.vip)).toHaveLength(1)
    const again = await site.run('ha')
    expect([again.code, changedOn(again)], told(again)).toEqual([0, []])
  }

  test.each(blows.map(blow => ({ ...blow, name: `${blow.victim}, ${blow.moment.what}` })))('power cut of $name: the next run converges', async ({ victim, moment }) => {
    const struck = await struckAt(site, { host: victim, moment, strike: () => lab.kill(victim) })
    // What the others can do without it they do; a run may also end well, if the host was needed no more.
    expect([0, 1, 4], told(struck)).toContain(struck.code)
    await lab.start(victim)
    const ran = await site.run('ha')
    expect(ran.code, told(ran)).toBe(0)
    await well()
    tell(`${victim} ${moment.what}: struck run exited ${struck.code} after ${secondsOf(struck)} s, the next one took ${secondsOf(ran)} s`)
  })

  const gone = (name: string): boolean => CHOSEN === undefined || CHOSEN.includes(name)
  const replaced = async (moment: Moment, host: string): Promise<void> => {
    const struck = await struckAt(site, { host, moment, strike: () => lab.destroy('cp1') })
    expect([0, 1, 4], told(struck)).toContain(struck.code)
    await lab.up('cp4')
    site.controlPlanes = ['cp4', 'cp2', 'cp3']
  }

  test.runIf(gone('before'))('the first control plane is destroyed for good before anybody has joined it: another one makes the cluster', async () => {
    await replaced({ what: 'its API answers', task: /^command kubeadm init/, when: 'curl -ksf --max-time 2 https://127.0.0.1:6443/readyz' }, 'cp1')
    await site.forgetCluster()
    const ran = await site.run('ha')
    expect(ran.code, told(ran)).toBe(0)
    await well()
    tell(`replaced in ${secondsOf(ran)} s`)
  })

  test.runIf(gone('between'))('it is destroyed when one of the others has joined: that one has no quorum alone, is told so, and goes on by etcd-restore', async () => {
    await replaced({ what: 'begins to join', task: /^command kubeadm join/ }, 'cp3')
    const refused = await site.run('ha')
    expect(refused.code, told(refused)).toBe(1)
    expect(refused.stdout).toContain('etcd-restore')
    site.controlPlanes = ['cp2']
    const restored = await site.run('etcd-restore', '--allow-destroy', 'cp2')
    expect(restored.code, told(restored)).toBe(0)
    site.controlPlanes = ['cp4', 'cp2', 'cp3']
    const ran = await site.run('ha')
    expect(ran.code, told(ran)).toBe(0)
    await well()
    tell(`alone again after ${secondsOf(restored)} s, complete ${secondsOf(ran)} s later`)
  })

  test.runIf(gone('after'))('it is destroyed when both others have joined: it is replaced, by leave', async () => {
    await replaced({ what: 'waits for etcd', task: /etcd is healthy/ }, 'cp3')
    const ran = await site.run('ha', '--allow-destroy', 'cp1')
    expect(ran.code, told(ran)).toBe(0)
    await well()
    tell(`replaced in ${secondsOf(ran)} s`)
  })
})
