import { describe, expect, test } from 'vitest'
import { sh } from '../../../engine/index.ts'
import { reachesPods } from '../../../roles/connectivity/reach.ts'
import { connectivity } from '../../../roles/connectivity/role.ts'
import { parsePods } from '../../../roles/dns/pods.ts'
import { rolledOut } from '../../../roles/kubernetes/kubectl.ts'
import { runShell } from '../support/shell.ts'
import { itemsOf, shown, specOf } from '../support/tasks.ts'

const pods = [{ node: 'w1', address: '10.244.1.2' }, { node: 'w2', address: '10.244.2.2' }]

describe('pods of other nodes', () => {
  const asked = (own: string, answering: readonly string[]) =>
    runShell(reachesPods(own, pods).text, { curl: `case "$*" in ${answering.map(address => `*${address}:8181*) echo 200 ;;`).join(' ')} *) echo 000; exit 28 ;; esac` })
  test('all answer', () => {
    expect(asked('m1', ['10.244.1.2', '10.244.2.2']).status).toBe(0)
  })
  test('each that does not is named', () => {
    expect(asked('m1', ['10.244.1.2'])).toMatchObject({ status: 1, stderr: 'the node does not reach the pod at 10.244.2.2\n' })
  })
  test('a pod here that cannot be asked from is no success', () => {
    expect(asked('w1', ['10.244.2.2'])).toMatchObject({ status: 1, stderr: 'the network of the pod at 10.244.1.2 is not below /run/netns\n' })
  })
  test('of a single node there are none', () => {
    expect(runShell(reachesPods('m1', []).text).status).toBe(0)
  })
  test('are those that answer and stay', () => {
    expect(parsePods('w1 10.244.1.2 True \nw2 10.244.2.2 True 2026-01-01T00:00:00Z\nw3  False \n')).toEqual([{ node: 'w1', address: '10.244.1.2' }])
  })
})

describe('a DaemonSet', () => {
  const asked = (status: string, ready: readonly boolean[]) =>
    runShell(`set -eu\n${rolledOut(sh`kubectl`, { namespace: 'n', name: 'd' }).text}`, { kubectl: `case "$*" in *daemonset*) echo '${status}' ;; *nodes*) printf '${ready.map(each => (each ? 'True\\n' : 'Unknown\\n')).join('')}' ;; esac` })
  test.each<[string, string, readonly boolean[], number]>([
    ['everywhere', '1 1 3 3 3', [true, true, true], 0],
    ['not ready on one', '1 1 3 3 2', [true, true, true], 1],
    ['ready everywhere but where a node is down', '1 1 3 3 2', [true, true, false], 0],
    ['of an older form on one', '2 2 3 2 3', [true, true, true], 1],
    ['whose change was not seen yet', '2 1 3 3 3', [true, true, true], 1],
    ['that nobody has counted yet', '1', [true], 1],
    ['for no node', '1 1 0 0 0', [true], 1],
  ])('%s', (_, status, ready, code) => {
    expect(asked(status, ready).status).toBe(code)
  })
})

/** Nodes that answer in this run. */
const nodes = (...names: readonly string[]) => ({ server: new Map(), otherControlPlanes: new Map(), workers: new Map(names.map(name => [name, { name, address: '10.0.0.31', podRange: '10.244.1.0/24' }])) })

test('a pod whose node does not answer is not waited for, though the cluster calls it Ready', () => {
  const items = itemsOf(connectivity, { vars: { network: 'bridge' }, facts: { nodeName: 'h1' }, inputs: { cluster: { servedBy: 'h2' }, pods, ...nodes('w1') } })
  const { until } = specOf(items, 'wait-for', 'pods of other nodes answer')
  expect(until).toEqual(reachesPods('h1', [{ node: 'w1', address: '10.244.1.2' }]))
})

test('is asked of every node, and of the DaemonSet once', () => {
  const items = (network: string, servedBy: string) => shown(itemsOf(connectivity, { vars: { network }, facts: { nodeName: 'h1' }, inputs: { cluster: { servedBy }, pods, ...nodes('w1', 'w2') } }))
  expect(items('kube-router', 'h1')).toEqual(['wait-for kube-router runs on every node', 'wait-for pods of other nodes answer'])
  expect(items('kube-router', 'h2')).toEqual(['wait-for pods of other nodes answer'])
  expect(items('bridge', 'h1')).toEqual(['wait-for pods of other nodes answer'])
})
