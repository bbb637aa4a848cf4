import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder } from '../cache.ts'
import { flannelSource } from './flannel-source.ts'
import { goBuild, missingBinaries, wrapperModule } from './go-build.ts'
import { kubernetesPrograms, kubernetesSource, versionFlags } from './kubernetes-source.ts'
import { download, OFFICIAL } from './release.ts'
import { versions } from './versions.ts'

const plugins = 'github.com/containernetworking/plugins/plugins'

/** Programs that are built from their Go modules, and the module each needs no more than a `go get` for. */
const plain = [
  { name: 'etcd', version: versions.etcd, packages: ['go.etcd.io/etcd/server/v3', 'go.etcd.io/etcd/etcdctl/v3', 'go.etcd.io/etcd/etcdutl/v3'] },
  { name: 'coredns', version: versions.coredns, packages: ['github.com/coredns/coredns'] },
  { name: 'plugins', version: versions.plugins, packages: ['main/bridge', 'main/loopback', 'main/ptp', 'ipam/host-local', 'meta/portmap', 'meta/bandwidth', 'meta/tuning'].map(path => `${plugins}/${path}`) },
  { name: 'flannel-cni', version: versions.flannelCni, packages: [`${plugins}/meta/flannel`] },
] as const

/** Modules that a program is built with in another version than it asks for. */
const instead: Readonly<Record<string, readonly string[]>> = { 'flannel-cni': [`github.com/containernetworking/cni@${versions.cniLibrary}`] }

/** Where the binaries of one component are: the cache's layout, by name and version. */
export const binFolder = (name: string, version: string): string => join(cacheFolder, name, version, 'bin')

/** Both versions in its name, because both decide what it understands. */
export const flannelCniFolder = binFolder('flannel-cni', `${versions.flannelCni}-cni-${versions.cniLibrary}`)

const sourceFolder = (name: string, version: string): string => join(cacheFolder, 'src', `${name}-${version}`)

/** Our own two small programs: pause and web. */
const ownSource = fileURLToPath(new URL('go', import.meta.url))
export const ownFolder = binFolder('own', 'v1')

/** Builds whatever is not in the cache and cannot be downloaded: about ten minutes and 5 GB of Go's own cache the first time, nothing afterwards. */
export async function buildBinaries(say: (line: string) => void): Promise<void> {
  const kubernetes = { source: sourceFolder('kubernetes', versions.kubernetes), output: binFolder('kubernetes', versions.kubernetes) }
  const commands = kubernetesPrograms.map(name => `k8s.io/kubernetes/cmd/${name}`)
  if (missingBinaries(kubernetes.output, commands).length > 0 && !(await download({ base: OFFICIAL, version: versions.kubernetes, programs: kubernetesPrograms, output: kubernetes.output, say }))) {
    await kubernetesSource(kubernetes.source, versions.kubernetes)
    await goBuild({ ...kubernetes, packages: commands, ldflags: versionFlags(versions.kubernetes), say })
  }
  for (const { name, version, packages } of plain) {
    const source = sourceFolder(name, version)
    const output = name === 'flannel-cni' ? flannelCniFolder : binFolder(name, version)
    if (missingBinaries(output, packages).length === 0) continue
    await wrapperModule(source, name, [...packages.map(path => `${path}@${version}`), ...(instead[name] ?? [])])
    await goBuild({ source, output, packages, say })
  }
  const flannel = { source: sourceFolder('flannel', versions.flannel), output: binFolder('flannel', versions.flannel) }
  const programs = ['github.com/flannel-io/flannel', 'github.com/flannel-io/flannel/cmd/install_conf']
  if (missingBinaries(flannel.output, programs).length > 0) {
    await flannelSource(flannel.source, versions.flannel)
    await goBuild({ ...flannel, packages: programs, ldflags: `-X github.com/flannel-io/flannel/pkg/version.Version=${versions.flannel}`, say })
  }
  await goBuild({ source: ownSource, output: ownFolder, packages: ['./pause', './web'], say })
}
