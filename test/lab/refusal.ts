import { accessSync, constants, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { cgroupRefusal } from './cgroups.ts'

/** Each program the lab runs, and the Debian package that brings it. */
const programs = {
  'systemd-nspawn': 'systemd-container',
  mmdebstrap: 'mmdebstrap',
  ip: 'iproute2',
  iptables: 'iptables',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  openssl: 'openssl',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  mount: 'mount',
} as const

/**
 * Why this machine cannot host a lab, in one sentence; undefined when it can. Only looks: nothing is made or changed.
 * What was never run is refused here by name rather than tried (cgroup v2, other systems than Linux).
 */
export function labRefusal(): string | undefined {
  if (process.platform !== 'linux') return `a lab needs Linux (this is ${process.platform})`
  if (process.arch !== 'x64') return `a lab has been run on x86-64 only (this is ${process.arch})`
  if (process.getuid?.() !== 0) return 'a lab needs root: it makes network namespaces, mounts and cgroups'
  const missing = Object.entries(programs).filter(([program]) => !onPath(program))
  if (missing.length > 0) {
    const packages = [...new Set(missing.map(([, name]) => name))].join(' ')
    return `a lab needs ${missing.map(([program]) => program).join(', ')}: apt-get install ${packages}`
  }
  if (!hasSysAdmin()) return 'a lab needs CAP_SYS_ADMIN and CAP_NET_ADMIN: this root has them taken away (an unprivileged container?)'
  if (!readFileSync('/proc/filesystems', 'utf8').includes('\toverlay\n')) return 'a lab needs the overlay file system, which this kernel lacks'
  return cgroupRefusal()
}

function onPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some(folder => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** Bits 21 (SYS_ADMIN) and 12 (NET_ADMIN) of the effective capabilities. */
function hasSysAdmin(): boolean {
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
  const bits = BigInt(`0x${mask}`)
  return [21n, 12n].every(bit => (bits >> bit) % 2n === 1n)
}
