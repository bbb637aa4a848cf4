import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { $ } from 'zx'
import { binFolder, flannelCniFolder, ownFolder } from './binaries.ts'
import type { Image, Layer } from './image.ts'
import { layer } from './image.ts'
import type { TarEntry } from './tar.ts'
import { netfilterUserland, shellUserland } from './userland.ts'
import { versions } from './versions.ts'

/** Which machines need an image: those of the control plane only, or every node. */
export type Placement = 'control-plane' | 'every-node'

export interface Recipe {
  readonly file: string
  readonly placement: Placement
  readonly contains: string
  readonly make: () => Promise<Image>
}

const kubernetes = binFolder('kubernetes', versions.kubernetes)
const etcd = binFolder('etcd', versions.etcd)

/** Every image of the cluster: kubeadm's own under the names this kubeadm asks for, flannel's, and the test workload. */
export async function imageRecipes(): Promise<readonly Recipe[]> {
  const names = (await $({ quiet: true })`${join(kubernetes, 'kubeadm')} config images list --kubernetes-version ${versions.kubernetes}`).stdout.trim().split('\n')
  const named = (component: string): string => {
    const reference = names.find(name => name.includes(`/${component}:`))
    if (reference === undefined) throw new Error(`kubeadm ${versions.kubernetes} asks for no image of ${component}`)
    return reference
  }
  let netfilter: Promise<Layer> | undefined
  const netfilterLayer = (): Promise<Layer> => (netfilter ??= netfilterUserland().then(layer))
  const server = (name: string): Recipe => ({
    file: `${name}.tar`, placement: 'control-plane', contains: `${name} ${versions.kubernetes}`,
    make: async () => ({ reference: named(name), layers: [await programs([[`usr/local/bin/${name}`, kubernetes, name]])] }),
  })
  return [
    server('kube-apiserver'),
    server('kube-controller-manager'),
    server('kube-scheduler'),
    {
      file: 'etcd.tar', placement: 'control-plane', contains: `etcd ${versions.etcd}`,
      make: async () => ({ reference: named('etcd'), layers: [await programs([['usr/local/bin/etcd', etcd, 'server'], ['usr/local/bin/etcdctl', etcd, 'etcdctl'], ['usr/local/bin/etcdutl', etcd, 'etcdutl']])] }),
    },
    {
      file: 'kube-proxy.tar', placement: 'every-node', contains: `kube-proxy ${versions.kubernetes}, Debian's iptables, nft and conntrack`,
      make: async () => ({ reference: named('kube-proxy'), layers: [await netfilterLayer(), await programs([['usr/local/bin/kube-proxy', kubernetes, 'kube-proxy']])] }),
    },
    {
      file: 'coredns.tar', placement: 'every-node', contains: `coredns ${versions.coredns}`,
      make: async () => ({ reference: named('coredns'), layers: [await programs([['coredns', binFolder('coredns', versions.coredns), 'coredns']])], entrypoint: ['/coredns'] }),
    },
    {
      file: 'pause.tar', placement: 'every-node', contains: 'a small pause of our own',
      make: async () => ({ reference: named('pause'), layers: [await programs([['pause', ownFolder, 'pause']])], entrypoint: ['/pause'] }),
    },
    {
      file: 'flannel.tar', placement: 'every-node', contains: `flanneld ${versions.flannel} without its udp and tencentvpc back-ends, Debian's iptables and nft`,
      make: async () => ({
        reference: `ghcr.io/flannel-io/flannel:${versions.flannel}`,
        layers: [await netfilterLayer(), await programs([['opt/bin/flanneld', binFolder('flannel', versions.flannel), 'flannel'], ['opt/bin/install-conf', binFolder('flannel', versions.flannel), 'install_conf']])],
        entrypoint: ['/opt/bin/flanneld'],
      }),
    },
    {
      // The name is the one that flannel's own manifest asks for; the plugin inside is older, see versions.ts.
      file: 'flannel-cni-plugin.tar', placement: 'every-node', contains: `the flannel plugin of containernetworking/plugins ${versions.flannelCni}, built with CNI ${versions.cniLibrary}`,
      make: async () => ({
        reference: 'ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel3',
        layers: [layer(await shellUserland()), await programs([['flannel', flannelCniFolder, 'flannel']])],
      }),
    },
    {
      file: 'web.tar', placement: 'every-node', contains: 'the test workload: serve, get, lookup',
      make: async () => ({ reference: 'docker.io/lab/web:1', layers: [await programs([['web', ownFolder, 'web']])], entrypoint: ['/web'] }),
    },
  ]
}

/** A layer of static programs: each is a path in the image, and a folder and name in the cache. */
async function programs(files: readonly (readonly [path: string, folder: string, name: string])[]): Promise<Layer> {
  const folders = new Set(files.flatMap(([path]) => path.split('/').slice(0, -1).map((_, index, parts) => parts.slice(0, index + 1).join('/'))))
  const entries: TarEntry[] = [...new Set(['tmp', ...folders])].map(path => ({ type: 'folder', path, mode: path === 'tmp' ? 0o1777 : 0o755 }))
  for (const [path, folder, name] of files) entries.push({ type: 'file', path, content: await readFile(join(folder, name)) })
  return layer(entries)
}
