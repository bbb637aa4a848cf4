import { describe, expect, test } from 'vitest'
import { Secret } from '../../../engine/index.ts'
import { addressesOnNodes, addressOf, endpoint, floatingAddressOf, isServedDirectly, kubeVipImage, unlessEndpointIs, type Endpoint } from '../../../roles/kubernetes/endpoint.ts'

const name = 'api.example.org'
const peer = { address: '10.0.0.1', as: 64512 }
const all: Readonly<Record<Endpoint['strategy'], object>> = {
  'haproxy+keepalived': { vip: '10.0.0.100' },
  'kube-vip': { vip: '10.0.0.100' },
  local: {},
  'dns-round-robin': {},
  external: { address: '10.0.0.200' },
  'control-plane': { address: '10.0.0.21' },
}
const parsed = Object.entries(all).map(([strategy, rest]) => endpoint.parse({ strategy, name, ...rest }))
const controlPlanes = [{ name: 'cp1', address: '10.0.0.21', vars: {} }, { name: 'cp2', address: '192.0.2.22', vars: { nodeAddress: '10.0.0.22' } }]

describe('an endpoint', () => {
  test('has the port of the API, unless a balancer shares its machine with one', () => {
    expect(parsed.map(({ strategy, port }) => [strategy, port])).toEqual([
      ['haproxy+keepalived', 6443], ['kube-vip', 6443], ['local', 6444], ['dns-round-robin', 6443], ['external', 6443], ['control-plane', 6443],
    ])
  })
  test('has one address, or none of its own', () => {
    expect(parsed.map(each => [each.strategy, addressOf(each), floatingAddressOf(each)])).toEqual([
      ['haproxy+keepalived', '10.0.0.100', '10.0.0.100'],
      ['kube-vip', '10.0.0.100', '10.0.0.100'],
      ['local', undefined, undefined],
      ['dns-round-robin', undefined, undefined],
      ['external', '10.0.0.200', undefined],
      ['control-plane', '10.0.0.21', undefined],
    ])
  })
  test('is known on a node by these addresses', () => {
    expect(parsed.map(each => addressesOnNodes(each, controlPlanes))).toEqual([['10.0.0.100'], ['10.0.0.100'], ['127.0.0.1'], ['10.0.0.21', '10.0.0.22'], ['10.0.0.200'], ['10.0.0.21']])
    expect(addressesOnNodes(endpoint.parse({ strategy: 'external', name }), controlPlanes)).toEqual([])
  })
  test('is served by the API servers themselves, or by a balancer', () => {
    expect(parsed.filter(isServedDirectly).map(({ strategy }) => strategy)).toEqual(['kube-vip', 'dns-round-robin', 'control-plane'])
  })
  test('tells a role of another strategy why it is left out', () => {
    expect(parsed.map(each => unlessEndpointIs('local', each))).toEqual([
      'the endpoint is haproxy+keepalived', 'the endpoint is kube-vip', undefined, 'the endpoint is dns-round-robin', 'the endpoint is external', 'the endpoint is control-plane',
    ])
  })
  test('fills in what an inventory need not say', () => {
    expect(parsed[0]).toEqual({ strategy: 'haproxy+keepalived', name, port: 6443, vip: '10.0.0.100', vrrpRouterId: 51 })
    expect(parsed[1]).toEqual({ strategy: 'kube-vip', name, port: 6443, vip: '10.0.0.100', announce: { by: 'arp' }, image: kubeVipImage })
  })

  test.each<[string, object, RegExp]>([
    ['an address for a name', { strategy: 'local', name: '10.0.0.1' }, /DNS name, not by an address/],
    ['a name without a domain', { strategy: 'local', name: 'api' }, /DNS name/],
    ['a floating address that is none', { strategy: 'kube-vip', name, vip: '10.0.0.300' }, /IPv4/],
    ['no floating address', { strategy: 'haproxy+keepalived', name }, /vip/],
    ['what belongs to another strategy', { strategy: 'local', name, vip: '10.0.0.100' }, /vip/],
    ['routers without one', { strategy: 'kube-vip', name, vip: '10.0.0.100', announce: { by: 'bgp', as: 64512, peers: [] } }, /peers/],
    ['an autonomous system beyond 32 bits', { strategy: 'kube-vip', name, vip: '10.0.0.100', announce: { by: 'bgp', as: 2 ** 32, peers: [peer] } }, /4294967295/],
    ['a password that kube-vip would cut in two', { strategy: 'kube-vip', name, vip: '10.0.0.100', announce: { by: 'bgp', as: 1, peers: [{ ...peer, password: 'a:b' }] } }, /kube-vip takes no password/],
    ['a VRRP id beyond a byte', { strategy: 'haproxy+keepalived', name, vip: '10.0.0.100', vrrpRouterId: 256 }, /255/],
    ['a strategy that there is not', { strategy: 'magic', name }, /strategy/],
  ])('refuses %s', (_, given, message) => {
    const { success, error } = endpoint.safeParse(given)
    expect(success).toBe(false)
    expect(error?.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`).join('; ')).toMatch(message)
  })
  test('keeps passwords secret', () => {
    const given = endpoint.parse({ strategy: 'haproxy+keepalived', name, vip: '10.0.0.100', vrrpPassword: 'sesame' })
    expect(given.strategy === 'haproxy+keepalived' && given.vrrpPassword instanceof Secret).toBe(true)
  })
})
