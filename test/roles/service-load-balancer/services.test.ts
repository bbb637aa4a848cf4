import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { addressRange } from '../../../roles/kubernetes/cidr.ts'
import { services } from '../../../roles/service-load-balancer/role.ts'
import { itemsOf, shown, specOf, varsOf } from '../support/tasks.ts'

const addresses = ['10.0.0.200-10.0.0.209', '10.0.0.224/28', '10.0.0.240']
const read = (text: unknown) => parseAllDocuments(String(text)).map(document => JSON.parse(JSON.stringify(document.toJS())))
const items = (by: 'metallb' | 'kube-vip', more = {}) => itemsOf(services, { vars: { serviceLoadBalancer: { by, addresses, ...more } }, inputs: { cluster: { servedBy: 'h1' }, manifests: { network: undefined, serviceLoadBalancer: 'kind: A\n' } } })

test.each<[string, readonly [number, number] | undefined]>([
  ['10.0.0.1-10.0.0.3', [167_772_161, 167_772_163]],
  ['10.0.0.0/30', [167_772_160, 167_772_163]],
  ['10.0.0.1', [167_772_161, 167_772_161]],
  ['10.0.0.3-10.0.0.1', undefined],
  ['10.0.0.0/24-10.0.1.0/24', undefined],
  ['10.0.0.256', undefined],
  ['10.0.0.1-', undefined],
  ['10.0.0.0/33', undefined],
  ['fd00::/64', undefined],
])('%s', (text, range) => {
  expect(addressRange(text)).toEqual(range === undefined ? undefined : { from: range[0], to: range[1] })
})

describe('Services', () => {
  test('of no load balancer are left alone', () => {
    expect(services.body.skip?.({ host: { name: 'h1', address: '' }, vars: varsOf(services), facts: {}, inputs: { cluster: { servedBy: 'h1' } } })).toBe('no serviceLoadBalancer is wanted')
  })
  test('by MetalLB: its pools come when it can judge them', () => {
    expect(shown(items('metallb'))).toEqual(['kubectl-apply MetalLB', 'wait-for MetalLB judges and announces', 'kubectl-apply addresses of Services'])
    expect(read(specOf(items('metallb'), 'kubectl-apply', 'addresses of Services')['manifest']).map(({ kind, spec }) => [kind, spec])).toEqual([
      ['IPAddressPool', { addresses: ['10.0.0.200-10.0.0.209', '10.0.0.224/28', '10.0.0.240/32'] }],
      ['L2Advertisement', { ipAddressPools: ['ts-play'] }],
    ])
  })
  test('by kube-vip: a holder on each worker, and who gives addresses', () => {
    const documents = read(specOf(items('kube-vip', { interface: 'ens4' }), 'kubectl-apply', 'kube-vip for Services')['manifest'])
    expect(documents.find(({ kind }) => kind === 'ConfigMap').data).toEqual({ 'cidr-global': '10.0.0.224/28', 'range-global': '10.0.0.200-10.0.0.209,10.0.0.240-10.0.0.240' })
    const env = Object.fromEntries(documents.find(({ kind }) => kind === 'DaemonSet').spec.template.spec.containers[0].env.map(({ name, value }: { name: string; value: string }) => [name, value]))
    expect(env).toMatchObject({ svc_enable: 'true', svc_election: 'true', cp_enable: 'false', vip_arp: 'true', vip_subnet: '32', vip_interface: 'ens4' })
  })
})
