import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { inGo } from './go-build.ts'

const Download = z.object({ GoMod: z.string() })

export const kubernetesPrograms = ['kubeadm', 'kubelet', 'kubectl', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'] as const

/**
 * A module in which Kubernetes builds: its published go.mod requires its staging modules at v0.0.0, so each is replaced
 * by the release of the same number (v1.34.10 → v0.34.10).
 */
export async function kubernetesSource(source: string, version: string): Promise<void> {
  if (existsSync(join(source, 'go.sum'))) return
  await mkdir(join(source, 'sample-apiserver'), { recursive: true })
  const file = join(source, 'go.mod')
  await writeFile(file, 'module ts-play.lab/kubernetes\n\ngo 1.24.0\n')
  const found = Download.parse(JSON.parse((await inGo(source)`go mod download -json k8s.io/kubernetes@${version}`).stdout))
  const published = await readFile(found.GoMod, 'utf8')
  const staging = [...new Set([...published.matchAll(/^\s*(k8s\.io\/\S+) v0\.0\.0(?:\s|$)/gm)].map(match => match[1] ?? ''))]
  // The sample server is never published and never built; an empty module satisfies who mentions it.
  await writeFile(join(source, 'sample-apiserver/go.mod'), 'module k8s.io/sample-apiserver\n')
  const replaced = [...staging.filter(name => name !== 'k8s.io/sample-apiserver').map(name => `\t${name} => ${name} ${version.replace('v1.', 'v0.')}`), '\tk8s.io/sample-apiserver => ./sample-apiserver']
  await writeFile(file, `module ts-play.lab/kubernetes\n\ngo 1.24.0\n\nrequire k8s.io/kubernetes ${version}\n\nreplace (\n${replaced.join('\n')}\n)\n`)
  await inGo(source)`go get ${kubernetesPrograms.map(name => `k8s.io/kubernetes/cmd/${name}@${version}`)}`
}

/** kubeadm computes what it may install and upgrade from the version linked into it: without it every release is v1.0.0. */
export function versionFlags(version: string): string {
  const minor = version.split('.')[1] ?? '0'
  const values = { gitVersion: version, gitMajor: '1', gitMinor: minor, gitTreeState: 'archive', gitCommit: version, buildDate: '2026-01-01T00:00:00Z' }
  return ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap(path => Object.entries(values).map(([name, value]) => `-X ${path}.${name}=${value}`)).join(' ')
}
