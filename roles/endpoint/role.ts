import { assert, byHost, hostsEntry, Members, role, z, type Item, type Member } from 'ts-play'
import { addresses } from '../kubernetes/addresses.ts'
import { addressesOnNodes, addressOf, endpoint as schema, isServedDirectly, type Endpoint } from '../kubernetes/endpoint.ts'
import { mayFloat } from '../kubernetes/floating.ts'
import { nodeAddressOf } from '../kubernetes/node-address.ts'
import { bindPort, endpointInterface, nodeAddress } from '../kubernetes/variables.ts'
import { ApiEndpoint } from '../outputs.ts'
import { endpointInUse } from './facts.ts'
import { hostsLines } from './hosts-lines.ts'
import { isThere, resolvesTo } from './reach.ts'

/**
 * Sees to it that a node knows the API's name, whatever stands behind it, and refuses what could not work, before anything is begun. Others go on when it says
 * that the endpoint is ready to be used, not that an API answers there already.
 */
export const endpoint = role('endpoint', {
  vars: {
    endpoint: schema,
    bindPort,
    nodeAddress,
    endpointInterface,
    manageHosts: z.boolean().default(false).describe('Write the endpoint into /etc/hosts, where no DNS knows it'),
  },
  facts: { addresses, endpointInUse },
  inputs: { balancers: byHost(ApiEndpoint), controlPlanes: Members },
  outputs: { endpoint: ApiEndpoint },
  tasks: ({ host, vars, facts, inputs }) => {
    const { endpoint: api, bindPort: ownPort } = vars
    const behind = addressesOnNodes(api, inputs.controlPlanes)
    const isControlPlane = inputs.controlPlanes.some(({ name }) => name === host.name)
    return [
      ...fits(api, inputs.controlPlanes, ownPort),
      assert({
        name: 'the name and port of a living cluster stay',
        that: facts.endpointInUse === undefined || facts.endpointInUse === `${api.name}:${api.port}`,
        message: `${host.name} is a member of a cluster whose API is ${facts.endpointInUse}, and the inventory says ${api.name}:${api.port}`,
        remedy: 'set endpoint.name and endpoint.port to the cluster’s: they are in every kubeconfig, and what is behind them may change',
      }),
      assert({
        name: 'a balancer is up',
        that: api.strategy !== 'haproxy+keepalived' || inputs.balancers.size > 0,
        message: `the endpoint is ${api.strategy}, and no host of the group lb came up`,
        remedy: 'see what failed on them, or add hosts to the group lb: control planes may be in it, with bindPort another port than endpoint.port',
      }),
      ...(api.strategy === 'kube-vip' && isControlPlane
        ? mayFloat({ host: host.name, vip: api.vip, ownAddress: vars.nodeAddress ?? host.address, addresses: facts.addresses, interface: vars.endpointInterface, machines: inputs.controlPlanes, routed: api.announce.by === 'bgp' })
        : []),
      ...known(api, behind, vars.manageHosts),
      ...(api.strategy === 'external' ? [isThere(api.address ?? api.name, api.port)] : []),
    ]
  },
  produce: {
    endpoint: ({ vars }) => ({ name: vars.endpoint.name, address: addressOf(vars.endpoint), port: vars.endpoint.port }),
  },
})

/** What has to hold of the variables together. */
function fits(api: Endpoint, controlPlanes: readonly Member[], bindPort: number): Item[] {
  const own = controlPlanes.map(member => `${member.name} ${nodeAddressOf(member)}`).join(', ')
  return [
    assert({
      name: 'the port at the endpoint is that of the API servers',
      that: !isServedDirectly(api) || api.port === bindPort,
      message: `with endpoint.strategy ${api.strategy} the API servers themselves answer at ${api.name}:${api.port}, and they listen on ${bindPort}`,
      remedy: 'set endpoint.port and bindPort to the same port',
    }),
    assert({
      name: 'the endpoint’s address is a control plane’s',
      that: api.strategy !== 'control-plane' || controlPlanes.some(member => nodeAddressOf(member) === api.address),
      message: `${addressOf(api)} is the address of no control plane: ${own}`,
      remedy: 'set endpoint.address to one of them',
    }),
  ]
}

/** The node's own resolver: written by us, or DNS that has to agree. On the loopback only a node itself can know. */
function known(api: Endpoint, behind: readonly string[], manageHosts: boolean): Item[] {
  const [first, ...more] = behind
  if (!manageHosts && api.strategy !== 'local') return [resolvesTo(api.name, behind)]
  if (first === undefined)
    return [
      assert({ name: 'what is written into /etc/hosts is known', that: false, message: `manageHosts is set, and endpoint.address is not: nobody knows what ${api.name} stands for`, remedy: 'set endpoint.address, or leave the name to DNS' }),
    ]
  if (more.length > 0) return [hostsLines({ name: api.name, addresses: behind })]
  // The first name of an address is what it is called by; 127.0.0.1 stays localhost.
  return [hostsEntry({ address: first, names: api.strategy === 'local' ? ['localhost', api.name] : [api.name] })]
}
