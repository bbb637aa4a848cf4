import { spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from './cache.ts'
import type { HostCgroups } from './cgroups.ts'
import { realFolders } from './layer.ts'
import { namespaceName } from './network.ts'
import type { LabState } from './state.ts'
import { hostFolder } from './state.ts'

/** No host may touch what exists once on the machine, even by accident: swap, modules, kernel, clock. */
const forbiddenCalls = 'swapon swapoff init_module finit_module delete_module kexec_load kexec_file_load clock_settime clock_settime64 settimeofday stime'

/** Air-gap bundles, which every host sees as if somebody had plugged in a disk with them. */
const bundles = join(cacheFolder, 'bundle')

/** Reading the clock's state with adjtimex stays allowed without this capability; setting it does not. */
const dropped = 'CAP_SYS_TIME,CAP_SYS_MODULE'

/**
 * Starts a host that outlives this process. Its supervisor is a few lines of sh (a Node process a host would cost 40 MB
 * each): it joins the host's cgroups, mounts the overlay in a mount namespace of its own, so that the mount dies with the
 * host, and starts the host again when it asked for a reboot, which nspawn tells with status 133.
 */
export async function startSupervisor(lab: LabState, host: string, cgroups: HostCgroups): Promise<void> {
  const folder = hostFolder(lab, host)
  await mkdir(bundles, { recursive: true })
  const script = join(folder, 'supervise.sh')
  await writeFile(script, supervise(lab, host, cgroups.folders))
  const log = openSync(join(folder, 'console.log'), 'a')
  // Slave, not private: a network namespace that is deleted outside must not be kept alive by a copy of its mount in here.
  const child = spawn('unshare', ['--mount', '--propagation', 'slave', 'sh', script], {
    detached: true,
    stdio: ['ignore', log, log],
    env: { PATH: process.env['PATH'], LANG: 'C.UTF-8', SYSTEMD_NSPAWN_API_VFS_WRITABLE: '1' },
    cwd: '/',
  })
  child.unref()
}

function supervise(lab: LabState, host: string, cgroups: readonly string[]): string {
  const folder = hostFolder(lab, host)
  const binds = [...realFolders.map(name => `--bind=${word(`${join(folder, name)}:/var/lib/${name}`)}`), `--bind-ro=${word(`${bundles}:/media/bundle`)}`]
  return `#!/bin/sh
set -u
for group in ${cgroups.map(word).join(' ')}; do echo $$ >"$group/cgroup.procs" || exit 1; done
cd ${word(folder)} || exit 1
# A volatile overlay leaves a mark that forbids to mount it again; the mark is in the work folder, which holds nothing else.
rm -rf work && mkdir work || exit 1
mount -t overlay overlay -o lowerdir=${word(lab.rootfs)},upperdir=upper,workdir=work,volatile root || exit 1
while :; do
  systemd-nspawn --quiet --directory=root --machine=${namespaceName(lab, host)} --hostname=${host} --boot \\
    --keep-unit --register=no --network-namespace-path=/run/netns/${namespaceName(lab, host)} \\
    --capability=all --drop-capability=${dropped} \\
    --system-call-filter='@keyring bpf' --system-call-filter='~${forbiddenCalls}' \\
    --resolv-conf=off --timezone=off --link-journal=no --bind=/dev/kmsg ${binds.join(' ')}
  code=$?
  echo "$(date +%T) ${host} ended with status $code"
  for group in ${cgroups.map(word).join(' ')}; do find "$group" -mindepth 1 -depth -type d -exec rmdir {} + 2>/dev/null; done
  [ $code = 133 ] || exit $code
done
`
}

/** Quotes one word for sh: the cache folder's path is the user's. */
function word(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
