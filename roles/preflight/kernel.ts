import type { Complaint } from './complaint.ts'
import type { Inspections, Site } from './judge.ts'

/** What containers and Services are made of, whatever makes the cluster and its network. */
const FEATURES = ['overlay', 'br_netfilter'] as const

/** Kernels that were cut down, or booted without a controller of cgroups, as those of small boards are by default. Seen late otherwise: by a kubelet that does not start. */
export function kernels(inspections: Inspections, { controlPlanes, workers }: Site): readonly Complaint[] {
  return [...inspections].filter(([host]) => [...controlPlanes, ...workers].some(({ name }) => name === host)).flatMap(([host, { kernel: { release, features, disabled } }]): readonly Complaint[] => {
    const missing = FEATURES.filter(feature => !features.includes(feature))
    return [
      ...(missing.length === 0 ? [] : [{ check: 'kernel' as const, host, found: `the kernel of ${host} (${release}) has no ${missing.join(', no ')}, which every node needs`, remedy: 'install the kernel’s modules (linux-modules-extra, or a kernel that is not cut down), and reboot into the kernel that they belong to' }]),
      ...(disabled.length === 0 ? [] : [{ check: 'kernel' as const, host, found: `the kernel of ${host} was booted without the cgroups of ${disabled.join(' and ')}, by which pods are limited`, remedy: `add ${disabled.map(name => `cgroup_enable=${name}`).join(' ')} to its command line (/boot/firmware/cmdline.txt on a Raspberry Pi), and reboot` }]),
    ]
  })
}
