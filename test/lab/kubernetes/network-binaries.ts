import { existsSync } from 'node:fs'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { cacheFolder } from '../cache.ts'
import { binFolder } from './binaries.ts'
import { goBuild, inGo, missingBinaries, wrapperModule } from './go-build.ts'

/** Networks and balancers of Services that run for real in the lab, each built from its Go module. Not part of the bundle: a cluster without them needs none. */
export const networkVersions = { kubeRouter: 'v2.1.0', metallb: 'v0.15.2', kubeVip: 'v1.0.0', kubeVipProvider: 'v0.0.12', helm: 'v3.19.5' } as const

export const networkFolders = {
  kubeRouter: binFolder('kube-router', networkVersions.kubeRouter),
  metallb: binFolder('metallb', networkVersions.metallb),
  kubeVip: binFolder('kube-vip', networkVersions.kubeVip),
  kubeVipProvider: binFolder('kube-vip-cloud-provider', networkVersions.kubeVipProvider),
  helm: binFolder('helm', networkVersions.helm),
} as const

const source = (name: string): string => join(cacheFolder, 'src', name)

export async function buildKubeRouter(say: (line: string) => void): Promise<void> {
  await build({ name: 'kube-router', version: networkVersions.kubeRouter, output: networkFolders.kubeRouter, packages: ['github.com/cloudnativelabs/kube-router/v2/cmd/kube-router'], say })
}

/** Its way of announcing by FRR in pods of their own is not used here: of that, the proxy has the release after the one it asks for. */
export async function buildMetallb(say: (line: string) => void): Promise<void> {
  const instead = 'github.com/metallb/frr-k8s=github.com/metallb/frr-k8s@v0.0.21'
  await build({ name: 'metallb', version: networkVersions.metallb, output: networkFolders.metallb, packages: ['go.universe.tf/metallb/controller', 'go.universe.tf/metallb/speaker'], instead, say })
}

export async function buildKubeVipProvider(say: (line: string) => void): Promise<void> {
  await build({ name: 'kube-vip-cloud-provider', version: networkVersions.kubeVipProvider, output: networkFolders.kubeVipProvider, packages: ['github.com/kube-vip/kube-vip-cloud-provider'], say })
}

/**
 * The public checksum database does not know this module, so Go is told not to ask about it, and about no other: what it has to be stands in the go.sum beside
 * `go/kube-vip/go.mod`, as it was when it was first built here.
 */
export async function buildKubeVip(say: (line: string) => void): Promise<void> {
  const packages = ['github.com/kube-vip/kube-vip']
  if (missingBinaries(networkFolders.kubeVip, packages).length === 0) return
  const folder = source(`kube-vip-${networkVersions.kubeVip}`)
  await mkdir(folder, { recursive: true })
  for (const name of ['go.mod', 'go.sum']) await copyFile(fileURLToPath(new URL(`go-modules/kube-vip/${name}`, import.meta.url)), join(folder, name))
  await inGo(folder)`env GONOSUMDB=github.com/kube-vip/kube-vip go mod download github.com/kube-vip/kube-vip`
  await goBuild({ source: folder, output: networkFolders.kubeVip, packages, ldflags: `-X main.Version=${networkVersions.kubeVip}`, say })
}

/** What charts are rendered with, by whoever uses Cilium. */
export async function buildHelm(say: (line: string) => void): Promise<void> {
  await build({ name: 'helm', version: networkVersions.helm, output: networkFolders.helm, packages: ['helm.sh/helm/v3/cmd/helm'], say })
}

interface Component {
  readonly name: string
  readonly version: string
  readonly output: string
  readonly packages: readonly string[]
  /** A module to take another release of, as `go mod edit -replace` reads it. */
  readonly instead?: string
  readonly say: (line: string) => void
}

async function build({ name, version, output, packages, instead, say }: Component): Promise<void> {
  if (missingBinaries(output, packages).length === 0) return
  const folder = source(`${name}-${version}`)
  await mkdir(folder, { recursive: true })
  if (!existsSync(join(folder, 'go.mod'))) await writeFile(join(folder, 'go.mod'), `module ts-play.lab/${name}\n\ngo 1.24.0\n`)
  if (instead !== undefined) await inGo(folder)`go mod edit -replace ${instead}`
  await wrapperModule(folder, name, packages.map(path => `${path}@${version}`))
  await goBuild({ source: folder, output, packages, say })
}

const Download = z.object({ Dir: z.string() })

/** A file of a module's source, as the checksum database vouches for it: a release's manifest, which no registry has otherwise. */
export async function fileOfModule(module: string, path: string): Promise<string> {
  const found = Download.parse(JSON.parse((await inGo(tmpdir())`go mod download -json ${module}`).stdout))
  return join(found.Dir, path)
}
