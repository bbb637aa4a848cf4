import { Secret } from 'ts-play'
import { expect, test } from 'vitest'
import { kubeconfig } from '../../../roles/kubeconfig/role.ts'
import { itemsOf, shown, varsOf } from '../support/tasks.ts'

const given = { clusterName: 'prod', endpoint: { strategy: 'external', name: 'api.test', address: '192.0.2.1' } }
const pathOf = (vars: Readonly<Record<string, unknown>>) =>
  shown(itemsOf(kubeconfig, {
    vars: { ...given, ...vars },
    facts: { home: '/home/ada$&' },
    inputs: { endpoint: { name: 'api.test', address: '192.0.2.1', port: 6443 }, cluster: { name: 'prod', version: 'v1.37.2', ca: 'sha256:a', servedBy: 'm1' }, controlPlanes: [], kubeconfig: { content: new Secret('server: https://192.0.2.21:6443') } },
  })).find(line => line.startsWith('kubeconfig '))

test.each([
  [undefined, '/home/ada$&/.kube/prod.conf'],
  ['~/elsewhere/config', '/home/ada$&/elsewhere/config'],
  ['/srv/config', '/srv/config'],
])('the kubeconfig goes to %s', (path, expected) => {
  expect(pathOf(path === undefined ? {} : { kubeconfigPath: path })).toBe(`kubeconfig ${expected}`)
})

test.each(['config', './config', '~ada/config'])('%j is no path on the controller', path => {
  expect(() => varsOf(kubeconfig, { ...given, kubeconfigPath: path })).toThrow(/begins with/)
})
