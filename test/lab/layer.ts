import { chmod, chown, copyFile, lstat, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { $ } from 'zx'
import { hostAddress } from './address-plan.ts'
import { lendDebs } from './debs.ts'
import { nameServers } from './network.ts'
import type { LabState } from './state.ts'
import { hostFolder, labFolder } from './state.ts'

/** Folders of a host that are no overlay: overlayfs cannot lie over overlayfs, and containerd and etcd want a real disk. */
export const realFolders = ['containerd', 'kubelet', 'etcd'] as const

/**
 * What makes a host different from its rootfs, written into its layer before the first boot: name, machine id, host key,
 * who may log in. Afterwards the layer is the host's own disk.
 */
export async function makeLayer(lab: LabState, host: string): Promise<void> {
  const folder = hostFolder(lab, host)
  const upper = join(folder, 'upper')
  for (const name of ['upper', 'root', ...realFolders]) await mkdir(join(folder, name), { recursive: true })
  await chmod(join(folder, 'etcd'), 0o700)
  const put = async (path: string, text: string, mode = 0o644, owner = 0): Promise<void> => {
    await parents(lab.rootfs, upper, dirname(path), owner)
    await writeFile(join(upper, path), text, { mode })
    await chmod(join(upper, path), mode)
    await chown(join(upper, path), owner, owner)
  }
  const address = hostAddress(lab.subnet, host)
  const key = await readFile(join(labFolder(lab.name), 'id_ed25519.pub'), 'utf8')
  await put('etc/hostname', `${host}\n`)
  await put('etc/hosts', `127.0.0.1 localhost\n${address} ${host}\n`)
  await put('etc/machine-id', `${crypto.randomUUID().replaceAll('-', '')}\n`, 0o444)
  await put('etc/resolv.conf', nameServers().map(server => `nameserver ${server}\n`).join(''))
  await put('root/.ssh/authorized_keys', key, 0o600)
  await put('home/ops/.ssh/authorized_keys', key, 0o600, 1000)
  const shadow = await readFile(join(lab.rootfs, 'etc/shadow'), 'utf8')
  await put('etc/shadow', shadow.replace(/^ops:[^:]*:/m, `ops:${await hashed(lab.password)}:`), 0o640)
  await chown(join(upper, 'etc/shadow'), 0, (await lstat(join(lab.rootfs, 'etc/shadow'))).gid)
  await parents(lab.rootfs, upper, 'etc/ssh', 0)
  await $({ quiet: true })`ssh-keygen -q -t ed25519 -N '' -C ${host} -f ${join(upper, 'etc/ssh/ssh_host_ed25519_key')}`
  await copyFile(join(upper, 'etc/ssh/ssh_host_ed25519_key.pub'), join(folder, 'host_key.pub'))
  await parents(lab.rootfs, upper, 'var/cache/apt/archives', 0)
  await lendDebs(upper)
}

/** A folder in the upper layer hides the mode and owner of the one below, so they are copied; new ones belong to `owner`. */
async function parents(rootfs: string, upper: string, path: string, owner: number): Promise<void> {
  if (path === '.') return
  await parents(rootfs, upper, dirname(path), owner)
  const made = await mkdir(join(upper, path)).then(() => true, () => false)
  if (!made) return
  const below = await lstat(join(rootfs, path)).catch(() => ({ mode: 0o700, uid: owner, gid: owner }))
  await chmod(join(upper, path), below.mode & 0o7777)
  await chown(join(upper, path), below.uid, below.gid)
}

/** The password goes in by stdin, as a secret should. */
async function hashed(password: string): Promise<string> {
  return (await $({ quiet: true, input: password + '\n' })`openssl passwd -6 -stdin`).stdout.trim()
}
