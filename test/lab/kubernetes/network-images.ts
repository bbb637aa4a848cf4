import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { $ } from 'zx'
import { machineApt } from '../apt.ts'
import { cacheFolder } from '../cache.ts'
import { bootstrap, release } from '../rootfs.ts'
import { imageTar, layer, type Layer } from './image.ts'
import { buildKubeRouter, buildKubeVip, buildKubeVipProvider, buildMetallb, networkFolders, networkVersions } from './network-binaries.ts'
import type { TarEntry } from './tar.ts'
import { netfilterUserland, shellUserland } from './userland.ts'

type Say = (line: string) => void

export const kubeRouterImage = `docker.io/cloudnativelabs/kube-router:${networkVersions.kubeRouter}`
export const kubeVipImage = `ghcr.io/kube-vip/kube-vip:${networkVersions.kubeVip}`
export const kubeVipProviderImage = `ghcr.io/kube-vip/kube-vip-cloud-provider:${networkVersions.kubeVipProvider}`

/** kube-router with what it calls: iptables as kube-proxy has it, and Debian's ipset and iproute2. */
export async function kubeRouterImageTar(say: Say): Promise<Buffer> {
  await buildKubeRouter(say)
  const layers = [layer(await netfilterUserland()), layer(await routerTools()), await program('usr/local/bin/kube-router', join(networkFolders.kubeRouter, 'kube-router'))]
  return imageTar({ reference: kubeRouterImage, layers, entrypoint: ['/usr/local/bin/kube-router'] })
}

/** Both programs of MetalLB, under the names that its manifest asks for. */
export async function metallbImageTars(say: Say): Promise<readonly Buffer[]> {
  await buildMetallb(say)
  return Promise.all(
    ['controller', 'speaker'].map(async name => imageTar({ reference: `quay.io/metallb/${name}:${networkVersions.metallb}`, layers: [await program(name, join(networkFolders.metallb, name))], entrypoint: [`/${name}`] })),
  )
}

export async function kubeVipImageTar(say: Say): Promise<Buffer> {
  await buildKubeVip(say)
  return imageTar({ reference: kubeVipImage, layers: [layer(await netfilterUserland()), await program('kube-vip', join(networkFolders.kubeVip, 'kube-vip'))], entrypoint: ['/kube-vip'] })
}

export async function kubeVipProviderImageTar(say: Say): Promise<Buffer> {
  await buildKubeVipProvider(say)
  const name = 'kube-vip-cloud-provider'
  return imageTar({ reference: kubeVipProviderImage, layers: [layer(await shellUserland()), await program(name, join(networkFolders.kubeVipProvider, name))], entrypoint: [`/${name}`] })
}

async function program(path: string, file: string): Promise<Layer> {
  const folders = path.split('/').slice(0, -1).map((_, index, parts): TarEntry => ({ type: 'folder', path: parts.slice(0, index + 1).join('/') }))
  return layer([...folders, { type: 'file', path, content: await readFile(file) }])
}

/** ipset and a full `ip`, with their libraries, as a layer over that of netfilter: of the same Debian, so a library in both is the same. */
async function routerTools(): Promise<readonly TarEntry[]> {
  const apt = await machineApt(release)
  const packages = ['ipset', 'iproute2'] as const
  const folder = join(cacheFolder, 'userland', createHash('sha256').update(JSON.stringify([release, packages, apt])).digest('hex').slice(0, 12))
  if (!existsSync(folder)) {
    const draft = `${folder}.${process.pid}`
    await mkdir(dirname(folder), { recursive: true })
    try {
      await bootstrap(draft, apt, packages)
      await rename(draft, folder)
    } finally {
      await rm(draft, { recursive: true, force: true })
    }
  }
  const { stdout } = await $({ quiet: true })`chroot ${folder} ldd /usr/sbin/ipset /bin/ip`
  const libraries = [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path = '']) => (path.startsWith('/usr/') ? path.slice(1) : `usr${path}`))
  // Not below usr/bin, where busybox has an `ip` of its own: sbin is looked in first.
  // kube-router gives its table for routes a name in rt_tables.
  const files = [['etc/iproute2/rt_tables', 'etc/iproute2/rt_tables'], ['usr/sbin/ipset', 'usr/sbin/ipset'], ['usr/sbin/ip', 'usr/bin/ip'], ...[...new Set(libraries)].map(path => [path, path])]
  const entries = files.map(async ([path = '', from = '']): Promise<TarEntry> => ({ type: 'file', path, content: await readFile(join(folder, from)) }))
  return [{ type: 'folder', path: 'etc/iproute2' }, ...(await Promise.all(entries))]
}
