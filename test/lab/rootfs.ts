import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { $ } from 'zx'
import type { MachineApt } from './apt.ts'
import { machineApt } from './apt.ts'
import { cacheFolder } from './cache.ts'

/** Bookworm, because newer systemd no longer boots on cgroup v1. */
export const release = 'bookworm'

/** What a cloud image has, and nothing of Kubernetes: the roles must bring that themselves. */
const packages = ['systemd', 'systemd-sysv', 'libpam-systemd', 'dbus', 'openssh-server', 'sudo', 'iproute2', 'iputils-ping', 'ca-certificates', 'curl', 'gnupg', 'procps', 'kmod', 'less'] as const

/** Units that would look after hardware or the calendar of a machine: here that is this machine, which must not notice. */
const masked = [
  'systemd-udevd.service', 'systemd-udevd-kernel.socket', 'systemd-udevd-control.socket', 'systemd-udev-trigger.service',
  'systemd-networkd.service', 'systemd-timesyncd.service', 'console-getty.service', 'getty@.service', 'getty.target',
  'apt-daily.timer', 'apt-daily-upgrade.timer', 'e2scrub_all.timer', 'e2scrub_reap.service', 'fstrim.timer', 'systemd-pstore.service',
] as const

/**
 * nspawn mounts the v1 hierarchies read-only and everything private; a real machine has neither, so this undoes both on
 * every boot. /proc/sysrq-trigger is the machine's own, hence it leads nowhere.
 */
const prepare = `#!/bin/sh
for folder in /sys/fs/cgroup /sys/fs/cgroup/*; do mount -o remount,bind,rw "$folder" 2>/dev/null; done
mount --make-rshared /
[ ! -e /proc/sysrq-trigger ] || mount --bind /dev/null /proc/sysrq-trigger
exit 0
`
const prepareUnit = `[Unit]
Description=Make the container look like a machine
DefaultDependencies=no
Before=sysinit.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/lab-prepare
[Install]
WantedBy=sysinit.target
`

const rootfsParent = join(cacheFolder, 'rootfs')

/** The folder of a bare Debian that hosts are laid over, with `more` packages if any; made once per recipe (25-40 s), then found in the cache. */
export async function rootfs(say: (line: string) => void, more: readonly string[] = []): Promise<string> {
  const apt = await machineApt(release)
  const included = [...packages, ...more]
  const recipe = JSON.stringify([release, included, masked, prepare, prepareUnit, dressing, apt])
  const folder = join(rootfsParent, createHash('sha256').update(recipe).digest('hex').slice(0, 12))
  if (existsSync(folder)) return folder
  say(`making a bare Debian ${release} for the hosts, once (about half a minute)`)
  await mkdir(rootfsParent, { recursive: true })
  const draft = `${folder}.${process.pid}`
  try {
    await bootstrap(draft, apt, included)
    await dress(draft, apt)
    // Two makers may race: the rename of the second fails on a folder that is there, and both have the same content.
    await utimes(draft, new Date(), new Date()) // a bootstrap leaves the date of Debian's release
    await rename(draft, folder).catch(error => {
      if (!existsSync(folder)) throw error
    })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return folder
}

/** Removes what older recipes have left: unused by any lab, and not made in the last days (another checkout may be at work). */
export async function pruneRootfs(used: readonly string[]): Promise<void> {
  const old = Date.now() - 3 * 86_400_000
  for (const name of await readdir(rootfsParent).catch(() => [])) {
    const folder = join(rootfsParent, name)
    if (!used.includes(folder) && (await stat(folder)).mtimeMs < old) await rm(folder, { recursive: true, force: true })
  }
}

/** A minimal Debian with these packages, as a folder. */
export async function bootstrap(target: string, apt: MachineApt, packages: readonly string[]): Promise<void> {
  const sources = `${target}.sources`
  await writeFile(sources, apt.sources)
  await $({ quiet: true })`nice mmdebstrap --quiet --mode=root --variant=minbase --include=${packages.join(',')} ${release} ${target} ${sources}`
  await rm(sources)
}

async function dress(target: string, apt: MachineApt): Promise<void> {
  const put = async (path: string, text: string, mode = 0o644): Promise<void> => {
    await mkdir(dirname(join(target, path)), { recursive: true })
    await writeFile(join(target, path), text)
    await chmod(join(target, path), mode)
  }
  await put('usr/local/sbin/lab-prepare', prepare, 0o755)
  await put('etc/systemd/system/lab-prepare.service', prepareUnit)
  if (apt.proxy !== '') await put('etc/apt/apt.conf.d/80machine-proxy', apt.proxy)
  for (const { name, text } of apt.authorities) await put(`usr/local/share/ca-certificates/${name}`, text)
  // A mirror has everything in English; translations and recommendations would only cost time on every host.
  await put('etc/apt/apt.conf.d/80lab', 'Acquire::Languages "none";\nAPT::Install-Recommends "false";\n')
  const inside = $({ quiet: true, input: dressing })
  await inside`chroot ${target} sh -eu`
}

/** Host keys and the machine id must be each host's own; `ops` may sudo with a password only. */
const dressing = `
rm -f /etc/ssh/ssh_host_* /etc/machine-id /var/lib/dbus/machine-id /etc/hostname /etc/resolv.conf
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin
: >/etc/machine-id
useradd --create-home --shell /bin/bash --groups sudo ops
mkdir -p /var/lib/containerd /var/lib/kubelet /var/lib/etcd
chmod 0700 /var/lib/etcd
[ -z "$(ls /usr/local/share/ca-certificates)" ] || update-ca-certificates >/dev/null 2>&1
# Debian's defaults of sysctls that are not namespaced: a booting host would impose them on the machine.
for name in 50-pid-max 99-protect-links; do ln -s /dev/null /etc/sysctl.d/$name.conf; done
systemctl mask ${masked.join(' ')} >/dev/null 2>&1
systemctl enable lab-prepare.service ssh.service >/dev/null 2>&1
`
