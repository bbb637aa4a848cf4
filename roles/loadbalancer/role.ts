import { assert, file, flush, handler, Members, pkg, report, role, service, sh, sysctl, systemdUnit, waitFor, z } from 'ts-play'
import { addresses } from '../kubernetes/addresses.ts'
import { addressOf, endpoint, unlessEndpointIs, type EndpointOf } from '../kubernetes/endpoint.ts'
import { floatingInterface, mayFloat } from '../kubernetes/floating.ts'
import { haproxyCfg } from '../kubernetes/haproxy.ts'
import { nodeAddressOf } from '../kubernetes/node-address.ts'
import { bindPort, endpointInterface, nodeAddress } from '../kubernetes/variables.ts'
import { ApiEndpoint } from '../outputs.ts'
import { keepalivedConf, keepalivedDropIn } from './keepalived.ts'

const reloadHaproxy = handler('reload haproxy', service({ name: 'haproxy', state: 'reloaded' }))
const restartKeepalived = handler('restart keepalived', service({ name: 'keepalived', state: 'restarted' }))
const reloadKeepalived = handler('reload keepalived', service({ name: 'keepalived', state: 'reloaded' }))

/**
 * One address for the API that survives any machine behind it: HAProxy on every balancer sends to the control planes that are ready, and keepalived
 * moves the floating address to a balancer that can. Where a balancer is a control plane too, the endpoint's port and `bindPort` have to differ.
 */
export const loadbalancer = role('loadbalancer', {
  vars: {
    endpoint,
    bindPort,
    nodeAddress,
    endpointInterface,
    healthPort: z.int().min(1).max(65535).default(8404).describe('Port on the loopback where HAProxy says how it is'),
  },
  facts: { addresses },
  inputs: { backends: Members, balancers: Members },
  outputs: { endpoint: ApiEndpoint },
  skip: ({ vars }) => unlessEndpointIs('haproxy+keepalived', vars.endpoint),
  tasks: ({ host, vars, facts, inputs }) => {
    if (vars.endpoint.strategy !== 'haproxy+keepalived') return []
    const api: EndpointOf<'haproxy+keepalived'> = vars.endpoint
    const ownAddress = vars.nodeAddress ?? host.address
    const place = { ownAddress, addresses: facts.addresses, interface: vars.endpointInterface }
    const floating = {
      name: host.name,
      interface: floatingInterface(place),
      vip: api.vip,
      routerId: api.vrrpRouterId,
      addresses: inputs.balancers.map(nodeAddressOf),
      ownAddress,
      password: api.vrrpPassword,
      healthPort: vars.healthPort,
    }
    return [
      ...mayFloat({ ...place, host: host.name, vip: api.vip, machines: [...inputs.backends, ...inputs.balancers] }),
      assert({
        name: 'HAProxy and kube-apiserver do not want the same port',
        that: api.port !== vars.bindPort || inputs.backends.every(backend => backend.name !== host.name),
        message: `${host.name} is a balancer and a control plane, and both want port ${api.port}`,
        remedy: 'set bindPort (of each kube-apiserver) to another port, 6444 for one: the endpoint’s is in every kubeconfig',
      }),
      ...(inputs.balancers.length === 1 ? [
        report({ title: 'Warnings', columns: ['host', 'warning'], rows: [[host.name, 'the only balancer: when it is down, so is the API. Add a second host to the group lb']] }),
      ] : []),
      pkg({ name: ['haproxy', 'keepalived', 'curl', 'iproute2'] }),
      // HAProxy listens on the floating address also where it is not: on the balancer that waits for it.
      sysctl({ key: 'net.ipv4.ip_nonlocal_bind', value: 1 }),
      file(
        {
          path: '/etc/haproxy/haproxy.cfg',
          content: haproxyCfg({
            apiPort: api.port,
            bindAddress: api.vip,
            healthPort: vars.healthPort,
            backends: inputs.backends.map(backend => ({ name: backend.name, address: nodeAddressOf(backend), port: vars.bindPort })),
          }),
          validate: sh`haproxy -c -f`,
        },
        { notify: [reloadHaproxy] },
      ),
      service({ name: 'haproxy', state: 'running', enabled: true }),
      systemdUnit({ name: 'keepalived', dropIn: 'ts-play', content: keepalivedDropIn(floating) }, { notify: [restartKeepalived] }),
      file({ path: '/etc/keepalived/keepalived.conf', content: keepalivedConf(floating), validate: sh`keepalived -t -f` }, { notify: [reloadKeepalived] }),
      service({ name: 'keepalived', state: 'running', enabled: true }),
      flush(),
      waitFor({ name: 'HAProxy listens for the API', port: api.port, timeout: 30_000 }),
    ]
  },
  produce: {
    endpoint: ({ vars }) => ({ name: vars.endpoint.name, address: addressOf(vars.endpoint), port: vars.endpoint.port }),
  },
})
