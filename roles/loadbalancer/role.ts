import { assert, file, flush, handler, Members, pkg, role, secretString, service, sh, sysctl, systemdUnit, waitFor, z } from 'ts-play'
import { addresses, holderOf } from '../kubernetes/addresses.ts'
import { contains } from '../kubernetes/cidr.ts'
import { nodeAddressOf } from '../kubernetes/node-address.ts'
import { apiPort, bindPort, endpoint, nodeAddress, vip } from '../kubernetes/variables.ts'
import { ApiEndpoint } from '../outputs.ts'
import { haproxyCfg } from './haproxy.ts'
import { keepalivedConf, keepalivedDropIn } from './keepalived.ts'

const reloadHaproxy = handler('reload haproxy', service({ name: 'haproxy', state: 'reloaded' }))
const restartKeepalived = handler('restart keepalived', service({ name: 'keepalived', state: 'restarted' }))
const reloadKeepalived = handler('reload keepalived', service({ name: 'keepalived', state: 'reloaded' }))

/**
 * One address for the API that survives any machine behind it: HAProxy on every balancer sends to the control planes that are ready, and keepalived
 * moves the floating address to a balancer that can. Where a balancer is a control plane too, `apiPort` and `bindPort` have to differ.
 */
export const loadbalancer = role('loadbalancer', {
  vars: {
    endpoint,
    vip,
    apiPort,
    bindPort,
    nodeAddress,
    vrrpInterface: z.string().optional().describe('Interface for the floating address; default: the one that holds the host’s address'),
    vrrpRouterId: z.int().min(1).max(255).default(51).describe('VRRP router id: of its own among all floating addresses of the network'),
    vrrpPassword: secretString().optional().describe('At most 8 characters; travels in clear, so it keeps mistakes apart, not attackers'),
    healthPort: z.int().min(1).max(65535).default(8404).describe('Port on the loopback where HAProxy says how it is'),
  },
  facts: { addresses },
  inputs: { backends: Members, balancers: Members },
  outputs: { endpoint: ApiEndpoint },
  tasks: ({ host, vars, facts, inputs }) => {
    const ownAddress = vars.nodeAddress ?? host.address
    const holder = holderOf(ownAddress, facts.addresses)
    const name = vars.vrrpInterface ?? holder?.interface ?? 'unknown'
    const machines = [...inputs.backends, ...inputs.balancers]
    const floating = {
      name: host.name,
      interface: name,
      vip: vars.vip,
      routerId: vars.vrrpRouterId,
      addresses: inputs.balancers.map(nodeAddressOf),
      ownAddress,
      password: vars.vrrpPassword,
      healthPort: vars.healthPort,
    }
    return [
      assert({
        name: 'the address of this host is on one of its interfaces',
        that: holder !== undefined || vars.vrrpInterface !== undefined,
        message: `no interface of ${host.name} has ${ownAddress}: ${facts.addresses.map(each => `${each.interface} ${each.address}`).join(', ')}`,
        remedy: 'set nodeAddress to an address of the host, or name the interface with vrrpInterface',
      }),
      assert({
        name: 'the floating address belongs to no machine',
        that: machines.every(machine => machine.address !== vars.vip && nodeAddressOf(machine) !== vars.vip),
        message: `${vars.vip} is the address of ${machines.find(machine => machine.address === vars.vip || nodeAddressOf(machine) === vars.vip)?.name}`,
        remedy: 'choose a free address of the same network for vip',
      }),
      assert({
        name: 'the floating address is of the same network',
        that: holder === undefined || contains(`${holder.address}/${holder.prefix}`, vars.vip),
        message: `${vars.vip} is not in ${holder?.address}/${holder?.prefix}: machines of that network would not find it`,
        remedy: 'choose an address of the balancers’ own network for vip',
      }),
      assert({
        name: 'HAProxy and kube-apiserver do not want the same port',
        that: vars.apiPort !== vars.bindPort || inputs.backends.every(backend => backend.name !== host.name),
        message: `${host.name} is a balancer and a control plane, and both want port ${vars.apiPort}`,
        remedy: 'set apiPort (at the endpoint) or bindPort (of each kube-apiserver) to another port',
      }),
      pkg({ name: ['haproxy', 'keepalived', 'curl', 'iproute2'] }),
      // HAProxy listens on the floating address also where it is not: on the balancer that waits for it.
      sysctl({ key: 'net.ipv4.ip_nonlocal_bind', value: 1 }),
      file(
        {
          path: '/etc/haproxy/haproxy.cfg',
          content: haproxyCfg({
            apiPort: vars.apiPort,
            bindAddress: vars.vip,
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
      waitFor({ name: 'HAProxy listens for the API', port: vars.apiPort, timeout: 30_000 }),
    ]
  },
  produce: {
    endpoint: ({ vars }) => ({ name: vars.endpoint, address: vars.vip, port: vars.apiPort }),
  },
})
