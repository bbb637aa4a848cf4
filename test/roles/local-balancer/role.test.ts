import { expect, test } from 'vitest'
import { localBalancer } from '../../../roles/local-balancer/role.ts'
import { itemsOf, refusals, shown, specOf, varsOf, type Context } from '../support/tasks.ts'

const endpoint = { strategy: 'local', name: 'api.example.org' }
const member = (name: string, address: string, vars = {}) => ({ name, address, vars })
const context = (vars: object = {}, backends = [member('cp1', '10.0.0.21'), member('cp2', '192.0.2.22', { nodeAddress: '10.0.0.22' })]): Context => ({ host: { name: 'w1', address: '10.0.0.31' }, vars: { endpoint, ...vars }, inputs: { backends } })
const cfg = (given: Context): string => String(specOf(itemsOf(localBalancer, given), 'file', '/etc/haproxy/haproxy.cfg')['content'])

test('a node’s own balancer does', () => {
  expect(shown(itemsOf(localBalancer, context()))).toMatchInlineSnapshot(`
    [
      "package haproxy curl",
      "file /etc/haproxy/haproxy.cfg → reload haproxy",
      "service haproxy.service",
      "flush",
      "wait-for HAProxy listens for the API",
    ]
  `)
})
test('it listens on the loopback only, and sends to the API servers of the control planes', () => {
  expect(cfg(context())).toContain('bind 127.0.0.1:6444\n')
  expect(cfg(context())).toContain('server cp1 10.0.0.21:6443\n  server cp2 10.0.0.22:6443\n')
})
test('control planes come and go with the inventory, and HAProxy is told', () => {
  expect(cfg(context({}, [member('cp2', '10.0.0.22'), member('cp4', '10.0.0.24')])).match(/server cp.*/g)).toEqual(['server cp2 10.0.0.22:6443', 'server cp4 10.0.0.24:6443', 'server cp2 10.0.0.22:6443', 'server cp4 10.0.0.24:6443'])
  expect(shown(itemsOf(localBalancer, context()))).toContain('file /etc/haproxy/haproxy.cfg → reload haproxy')
})
test('the port of the API servers is taken', () => {
  expect(refusals(itemsOf(localBalancer, context({ endpoint: { ...endpoint, port: 6443 } })))).toEqual([expect.stringMatching(/HAProxy on w1 and kube-apiserver both want port 6443/)])
  expect(refusals(itemsOf(localBalancer, context({ endpoint: { ...endpoint, port: 6443 }, bindPort: 6444 })))).toEqual([])
})
test('is left out where the endpoint is another', () => {
  const skip = (api: object) => localBalancer.body.skip?.({ host: { name: 'w1', address: '' }, facts: {}, inputs: {}, vars: varsOf(localBalancer, { endpoint: api }) })
  expect([skip(endpoint), skip({ strategy: 'external', name: 'api.example.org' })]).toEqual([undefined, 'the endpoint is external'])
})
