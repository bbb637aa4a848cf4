import { assert, byHost, directory, kernelModule, Members, pkg, role, swap, sysctl, systemdUnit, z } from 'ts-play'
import { k3sEvidence } from '../k3s/evidence.ts'
import { k3sFitness, k3sPorts } from '../k3s/fitness.ts'
import { k3sPaths } from '../k3s/paths.ts'
import { k3sUnit } from '../k3s/units.ts'
import { k3sBinary, k3sImages, k3sVersion } from '../k3s/variables.ts'
import { kubernetesOf } from '../k3s/version.ts'
import { addresses } from '../kubernetes/addresses.ts'
import { addressOf, endpoint } from '../kubernetes/endpoint.ts'
import { fitness } from '../kubernetes/fitness.ts'
import { listening } from '../kubernetes/listening.ts'
import { machine } from '../kubernetes/machine.ts'
import { unique } from '../kubernetes/uniqueness.ts'
import { allowCgroupV1, bindPort, nodeAddress, podSubnet, serviceSubnet, sharedProductUuid } from '../kubernetes/variables.ts'
import { Identity } from '../outputs.ts'
import { k3sSoftware } from './software.ts'

/** Makes a bare machine one that k3s can run on: its software and unit, and nothing of a cluster yet. */
export const k3sPrereqs = role('k3s-prereqs', {
  vars: {
    k3sVersion,
    k3sBinary,
    k3sImages,
    endpoint,
    bindPort,
    nodeAddress,
    podSubnet,
    serviceSubnet,
    allowCgroupV1,
    sharedProductUuid,
    inotifyInstances: z.int().positive().default(8192).describe('At least so many inotify instances: pods that watch files share them'),
  },
  facts: { machine, addresses, listening, k3s: k3sEvidence },
  inputs: { identities: byHost(Identity), servers: Members },
  tasks: ({ host, vars, facts, inputs }) => {
    const isServer = inputs.servers.some(({ name }) => name === host.name)
    const unit = isServer ? 'k3s' : 'k3s-agent'
    const { k3s } = facts
    const runs = k3s.server === 'active' || k3s.agent === 'active'
    const taken = runs ? [] : k3sPorts(isServer ? 'server' : 'agent', vars.bindPort).filter(port => facts.listening.includes(port))
    return [
      ...fitness({
        ...vars, ...facts, host: host.name, part: isServer ? 'control-plane' : 'worker', nodeAddress: vars.nodeAddress ?? host.address,
        endpointAddress: addressOf(vars.endpoint), kubernetesVersion: kubernetesOf(vars.k3sVersion), memberVersion: undefined,
      }),
      ...unique({ host: host.name, identities: inputs.identities, sharedProductUuid: vars.sharedProductUuid }),
      ...k3sFitness({
        host: host.name, architecture: facts.machine.architecture, memberVersion: runs ? k3s.version : undefined, k3sVersion: vars.k3sVersion,
        ownBinary: vars.k3sBinary.file !== undefined || vars.k3sBinary.url !== undefined, endpoint: vars.endpoint,
      }),
      assert({
        name: 'the ports of k3s are free',
        that: taken.length === 0,
        message: `something on ${host.name} listens on ${taken.join(', ')}`,
        remedy: `see what with \`ss -ltnp\` on it, and move it or k3s (bindPort: ${vars.bindPort})`,
      }),

      swap({ state: 'off' }),
      kernelModule({ name: 'overlay' }),
      kernelModule({ name: 'br_netfilter' }),
      sysctl({ key: 'net.ipv4.ip_forward', value: 1 }),
      sysctl({ key: 'net.bridge.bridge-nf-call-iptables', value: 1 }),
      sysctl({ key: 'fs.inotify.max_user_instances', value: vars.inotifyInstances, atLeast: true }),

      pkg({ name: ['iptables', 'conntrack', 'curl', 'ca-certificates'] }),
      directory({ path: '/etc/rancher', mode: 0o755 }),
      directory({ path: k3sPaths.folder, mode: 0o700 }),
      ...k3sSoftware({ version: vars.k3sVersion, architecture: facts.machine.architecture, binary: vars.k3sBinary, images: vars.k3sImages }),
      systemdUnit({ name: unit, content: k3sUnit(unit) }),
    ]
  },
})
