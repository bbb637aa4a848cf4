import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { networkOf } from '../lab/address-plan.ts'
import { buildBinaries } from '../lab/kubernetes/binaries.ts'
import { writeBundle } from '../lab/kubernetes/bundle.ts'
import { openLab, type Lab } from '../lab/lab.ts'
import { requireLab } from '../lab/require-lab.ts'
import { tsPlay, type Finished, type TsPlay } from '../lab/support/ts-play.ts'
import { labInventory, withEndpoint } from './lab-inventory.ts'

const say = (line: string): void => void process.stderr.write(`${line}\n`)
const PKI = '/etc/kubernetes/pki/etcd'
const ETCDCTL = `etcdctl --cacert ${PKI}/ca.crt --cert ${PKI}/healthcheck-client.crt --key ${PKI}/healthcheck-client.key --endpoints https://127.0.0.1:2379`

/** Defragmentation where kubeadm stacks etcd; that of external etcd is part of its own story. */
describe.skipIf(requireLab())('a control plane with stacked etcd', () => {
  let lab: Lab
  let play: TsPlay
  let file: string
  const run = async (playbook: string): Promise<Finished> => {
    const finished = await play.run([fileURLToPath(new URL(`../../playbooks/${playbook}.ts`, import.meta.url)), '-i', file])
    expect(finished.code, finished.stdout + finished.stderr).toBe(0)
    return finished
  }
  const etcdctl = async (words: string): Promise<string> => {
    const { code, stdout, stderr } = await lab.exec('cp1', `${ETCDCTL} ${words}`, { timeout: 120_000 })
    expect(code, stderr).toBe(0)
    return stdout
  }
  const size = async (): Promise<number> => Number(/"dbSize":(\d+)/.exec(await etcdctl('endpoint status -w json'))?.[1])

  beforeAll(async () => {
    await buildBinaries(say)
    await writeBundle(say)
    lab = await openLab()
    await lab.up('cp1')
    play = await tsPlay(lab)
    file = await play.write('inventory.yaml', withEndpoint(await labInventory(lab, play.folder), { endpoint: `{ strategy: control-plane, name: api.lab, address: ${networkOf(lab.subnet)}.21 }`, hosts: ['cp1'] }))
    await run('single')
  })
  afterAll(async () => {
    await play?.[Symbol.asyncDispose]()
    await lab?.down()
  })

  test('is defragmented where much is free, and left alone where little is', async () => {
    await lab.exec('cp1', `for each in $(seq 20); do head -c 1000000 /dev/urandom | base64 -w0 | ${ETCDCTL} put /filling >/dev/null; done`, { timeout: 120_000 })
    const revision = Number(/"revision":(\d+)/.exec(await etcdctl('endpoint status -w json'))?.[1])
    await etcdctl('del /filling')
    await etcdctl(`compact --physical ${revision + 1}`)
    const before = await size()
    expect((await run('etcd-defrag')).hosts.filter(({ changed }) => changed > 0).map(({ host }) => host)).toEqual(['cp1'])
    expect(await size()).toBeLessThan(before / 2)
    expect((await run('etcd-defrag')).hosts.map(({ changed }) => changed)).toEqual([0])
  })
})
