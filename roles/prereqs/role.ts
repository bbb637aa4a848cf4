import { assert, byHost, directory, kernelModule, Members, pkg, role, service, stage, swap, sysctl, z } from 'ts-play'
import { addresses } from '../kubernetes/addresses.ts'
import { addressOf, endpoint } from '../kubernetes/endpoint.ts'
import { evidence } from '../kubernetes/evidence.ts'
import { kubelet } from '../kubernetes/kubelet.ts'
import { allowCgroupV1, imageRepository, kubernetesVersion, nodeAddress, podSubnet, serviceSubnet, sharedProductUuid } from '../kubernetes/variables.ts'
import { Identity, Software } from '../outputs.ts'
import { fitness } from '../kubernetes/fitness.ts'
import { images, inRegistry, kubeadmImages, sandboxImage } from './images.ts'
import { machine } from '../kubernetes/machine.ts'
import { containerdVersion, runtime } from './runtime.ts'
import { kubernetesSoftware } from './software.ts'
import { unique } from '../kubernetes/uniqueness.ts'

/**
 * Makes a bare machine one that Kubernetes can run on: everything up to, and not including, its membership in a cluster.
 *
 * Clocks have to agree (kubeadm's certificates begin five minutes in the past, etcd's leases suffer from less): that is the distribution's
 * systemd-timesyncd or chrony, which this role leaves alone.
 */
export const prereqs = role('prereqs', {
  vars: {
    kubernetesVersion,
    endpoint,
    nodeAddress,
    podSubnet,
    serviceSubnet,
    allowCgroupV1,
    imageRepository,
    containerd: z
      .strictObject({ package: z.string().default('containerd'), restrictOomScoreAdj: z.boolean().default(false) })
      .default({ package: 'containerd', restrictOomScoreAdj: false })
      .describe('The package, and whether the host lacks CAP_SYS_RESOURCE'),
    inotifyInstances: z.int().positive().default(8192).describe('At least so many inotify instances: pods that watch files share them'),
    sharedProductUuid,
  },
  facts: { machine, addresses, evidence, kubelet },
  inputs: { software: Software, identities: byHost(Identity), controlPlanes: Members },
  tasks: ({ host, vars, facts, inputs }) => {
    const part = inputs.controlPlanes.some(({ name }) => name === host.name) ? 'control-plane' : 'worker'
    const isMember = facts.evidence.files.includes('kubelet.conf')
    return [
      ...fitness({ ...vars, ...facts, host: host.name, part, nodeAddress: vars.nodeAddress ?? host.address, endpointAddress: addressOf(vars.endpoint), memberVersion: isMember ? facts.kubelet : undefined }),
      ...unique({ host: host.name, identities: inputs.identities, sharedProductUuid: vars.sharedProductUuid }),

      swap({ state: 'off' }),
      kernelModule({ name: 'overlay' }),
      kernelModule({ name: 'br_netfilter' }),
      sysctl({ key: 'net.ipv4.ip_forward', value: 1 }),
      sysctl({ key: 'net.bridge.bridge-nf-call-iptables', value: 1 }),
      sysctl({ key: 'net.bridge.bridge-nf-call-ip6tables', value: 1 }),
      sysctl({ key: 'fs.inotify.max_user_instances', value: vars.inotifyInstances, atLeast: true }),

      pkg({ name: [vars.containerd.package, 'conntrack', 'socat', 'ethtool', 'iptables', 'curl', 'ca-certificates'] }),
      directory({ path: '/opt/cni/bin' }),
      directory({ path: '/etc/cni/net.d' }),
      ...kubernetesSoftware(inputs.software, vars.kubernetesVersion),
      service({ name: 'kubelet', enabled: true }),

      stage({ facts: { containerdVersion, kubeadmImages } }, ({ facts: now }) => {
        const wanted = inRegistry(now.kubeadmImages, vars.imageRepository)
        const { containerdVersion: version } = now
        return [
          assert({ name: 'containerd is installed', that: version !== 'absent', message: `${vars.containerd.package} did not bring containerd`, remedy: 'name the package with containerd: { package: … }' }),
          ...(version === 'absent' ? [] : runtime(version, { sandboxImage: sandboxImage(wanted), restrictOomScoreAdj: vars.containerd.restrictOomScoreAdj })),
          ...images(inputs.software, part, wanted),
        ]
      }),
    ]
  },
})
