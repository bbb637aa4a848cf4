import { pluginOf, traitsOfNetwork } from '../kubernetes/network.ts'
import type { Complaint } from './complaint.ts'
import type { Inspections, Site } from './judge.ts'

/** Where Linux’s VXLAN listens, and flannel. */
const VXLAN = 8472

/** Since 1.18. @see https://docs.cilium.io/en/stable/operations/system_requirements/ */
const OLDEST_FOR_CILIUM = [5, 10] as const

/** What the chosen network needs of a node, and what stands in its way: another plugin's configuration, which on a member means another network than the cluster has. */
export function networks(inspections: Inspections, { distribution, controlPlanes, workers }: Site): readonly Complaint[] {
  const isNode = (host: string): boolean => [...controlPlanes, ...workers].some(({ name }) => name === host)
  return [...inspections].filter(([host]) => isNode(host)).flatMap(([host, { cniConfigurations, kernel, memberVersion, fresh, datagrams, settings: { network } }]) => {
    const { configuration, kernel: needed } = traitsOfNetwork(network)
    const complain = (found: string, remedy: string): readonly Complaint[] => [{ check: 'network', host, found, remedy }]
    // The runtime takes the first by name: a stranger behind ours is never asked. That of k3s looks into a folder of its own.
    const stranger = distribution === 'k3s' ? undefined : cniConfigurations.find(name => name !== configuration && (pluginOf(name) !== undefined || !cniConfigurations.includes(configuration) || name < configuration))
    const tunnel = needed.includes('vxlan') && fresh ? datagrams.find(({ port }) => port === VXLAN) : undefined
    const missing = needed.filter(feature => !kernel.features.includes(feature))
    return [
      ...(stranger === undefined ? [] : memberVersion !== undefined && pluginOf(stranger) !== undefined
        ? complain(`the cluster of ${host} has the network ${pluginOf(stranger)}, and the inventory wants ${network.plugin}`, `set network to ${pluginOf(stranger)}: a cluster keeps its network for life`)
        : complain(`/etc/cni/net.d/${stranger} on ${host} is none of ${network.plugin}, and pods would get their network from it`, `take it away, if nothing needs it: rm /etc/cni/net.d/${stranger}`)),
      ...(missing.length === 0 ? [] : complain(`the kernel of ${host} (${kernel.release}) has no ${missing.join(', no ')}, which ${network.plugin} needs`, 'install the kernel’s modules (linux-modules-extra, or a kernel that is not cut down), or choose another network')),
      ...(tunnel === undefined ? [] : complain(`${tunnel.program ?? 'a tunnel of the kernel'} has UDP port ${VXLAN} of ${host}, which ${network.plugin} wants`, 'see whose it is (ss -lunp, ip -d link show type vxlan), and take it away: another network of containers may have left it')),
      ...(network.plugin === 'cilium' && isOlder(kernel.release) ? complain(`the kernel of ${host} is ${kernel.release}; cilium needs ${OLDEST_FOR_CILIUM.join('.')}`, 'boot a newer kernel, or choose another network') : []),
    ]
  })
}

function isOlder(release: string): boolean {
  const [major = 0, minor = 0] = release.split(/[.-]/).map(Number)
  const [oldestMajor, oldestMinor] = OLDEST_FOR_CILIUM
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor)
}
