import { describe, expect, test } from 'vitest'
import { loadbalancer } from '../../../roles/loadbalancer/role.ts'
import { itemsOf, plain, refusals, shown, specOf, varsOf, type Context } from '../support/tasks.ts'

const endpoint = { strategy: 'haproxy+keepalived', name: 'api.example.org', vip: '10.0.0.100' }
const member = (name: string, address: string, vars = {}) => ({ name, address, vars })
const context: Context = {
  host: { name: 'lb1', address: '10.0.0.11' },
  vars: { endpoint },
  facts: { addresses: [{ interface: 'lo', address: '127.0.0.1', prefix: 8 }, { interface: 'ens3', address: '10.0.0.11', prefix: 24 }] },
  inputs: { backends: [member('cp1', '10.0.0.21'), member('cp2', '192.0.2.22', { nodeAddress: '10.0.0.22' })], balancers: [member('lb1', '10.0.0.11'), member('lb2', '10.0.0.12')] },
}
const withVars = (vars: object): Context => ({ ...context, vars: { ...context.vars, ...vars } })

describe('loadbalancer', () => {
  test('does', () => {
    expect(shown(itemsOf(loadbalancer, context))).toMatchInlineSnapshot(`
      [
        "package haproxy keepalived curl iproute2",
        "sysctl net.ipv4.ip_nonlocal_bind",
        "file /etc/haproxy/haproxy.cfg → reload haproxy",
        "service haproxy.service",
        "systemd-unit /etc/systemd/system/keepalived.service.d/ts-play.conf → restart keepalived",
        "file /etc/keepalived/keepalived.conf → reload keepalived",
        "service keepalived.service",
        "flush",
        "wait-for HAProxy listens for the API",
      ]
    `)
  })
  test('sends to the cluster’s addresses of the control planes, and listens on the floating one', () => {
    const { content } = specOf(itemsOf(loadbalancer, context), 'file', '/etc/haproxy/haproxy.cfg')
    expect(content).toContain('server cp1 10.0.0.21:6443\n  server cp2 10.0.0.22:6443')
    expect(content).toContain('bind 10.0.0.100:6443')
  })
  test('keeps the floating address on the interface that has the host’s own', () => {
    expect(plain(specOf(itemsOf(loadbalancer, context), 'file', '/etc/keepalived/keepalived.conf')['content'])).toContain('interface ens3')
  })

  test.each<[string, Context, RegExp]>([
    ['an address that is on no interface', { ...context, facts: { addresses: [{ interface: 'ens3', address: '192.0.2.9', prefix: 24 }] } }, /no interface of lb1 has 10\.0\.0\.11: ens3 192\.0\.2\.9/],
    ['a floating address that is a machine’s', withVars({ endpoint: { ...endpoint, vip: '10.0.0.22' } }), /10\.0\.0\.22 is the address of cp2/],
    ['a floating address of another network', withVars({ endpoint: { ...endpoint, vip: '10.0.1.100' } }), /10\.0\.1\.100 is not in 10\.0\.0\.11\/24/],
    ['one port for two on one machine', { ...context, inputs: { ...context.inputs, backends: [member('lb1', '10.0.0.11')] } }, /both want port 6443/],
  ])('refuses %s', (_, given, message) => {
    expect(refusals(itemsOf(loadbalancer, given))).toEqual([expect.stringMatching(message)])
  })
  test('warns where it is the only one', () => {
    const alone = { ...context, inputs: { ...context.inputs, balancers: [member('lb1', '10.0.0.11')] } }
    const reports = (given: Context) => itemsOf(loadbalancer, given).flatMap(item => (item.type === 'report' ? item.rows : []))
    expect(reports(alone)).toEqual([['lb1', expect.stringContaining('the only balancer')]])
    expect(reports(context)).toEqual([])
  })
  test('is left out where the endpoint is another', () => {
    expect(loadbalancer.body.skip?.({ host: { name: 'lb1', address: '' }, facts: {}, inputs: {}, vars: varsOf(loadbalancer, { endpoint: { strategy: 'local', name: 'api.example.org' } }) })).toBe('the endpoint is local')
  })
  test('takes two ports on one machine', () => {
    const shared = { ...withVars({ bindPort: 6444 }), inputs: { ...context.inputs, backends: [member('lb1', '10.0.0.11')] } }
    expect(refusals(itemsOf(loadbalancer, shared))).toEqual([])
  })
})
