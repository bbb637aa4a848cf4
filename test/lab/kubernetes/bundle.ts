import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { copyFile, link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { cacheFolder } from '../cache.ts'
import { binFolder, flannelCniFolder, ownFolder } from './binaries.ts'
import { imageTar } from './image.ts'
import type { Placement } from './images.ts'
import { imageRecipes } from './images.ts'
import { versions } from './versions.ts'

/**
 * The air-gap bundle: one folder with all a cluster needs besides the distribution's own packages. The roles take it
 * instead of package repositories and image registries where there is no network; users make their own in this layout:
 *
 *   bundle.json      what is in it (the type below), with the digest of every file
 *   bin/             kubeadm kubelet kubectl, and what else belongs on a host's PATH (etcdctl etcdutl; crictl if there is one)
 *   cni/             CNI plugins, for the folder that the container runtime looks in (bridge host-local loopback portmap flannel …)
 *   images/*.tar     one image each: an OCI layout or a docker archive that carries its full name
 *
 * Binaries and tars are for one architecture. An image's `reference` is exactly what kubeadm, a manifest or the
 * container runtime's sandbox setting asks for: what is asked for by another name counts as missing.
 */
export interface Bundle {
  readonly schema: 1
  readonly version: string
  readonly architecture: 'amd64'
  readonly images: readonly { readonly reference: string; readonly file: string; readonly placement: Placement; readonly contains: string }[]
  /** Every file but bundle.json, by its path in the bundle. */
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly size: number }>>
}

export const bundleFolder = join(cacheFolder, 'bundle', versions.kubernetes)

const programs: Readonly<Record<string, string>> = {
  'bin/kubeadm': join(binFolder('kubernetes', versions.kubernetes), 'kubeadm'),
  'bin/kubelet': join(binFolder('kubernetes', versions.kubernetes), 'kubelet'),
  'bin/kubectl': join(binFolder('kubernetes', versions.kubernetes), 'kubectl'),
  'bin/etcdctl': join(binFolder('etcd', versions.etcd), 'etcdctl'),
  'bin/etcdutl': join(binFolder('etcd', versions.etcd), 'etcdutl'),
  ...Object.fromEntries(['bridge', 'loopback', 'ptp', 'host-local', 'portmap', 'bandwidth', 'tuning'].map(name => [`cni/${name}`, join(binFolder('plugins', versions.plugins), name)])),
  'cni/flannel': join(flannelCniFolder, 'flannel'),
}

/** Writes the bundle unless the one that is there was made of the same binaries by the same recipe. */
export async function writeBundle(say: (line: string) => void): Promise<string> {
  const recipe = await recipeDigest()
  const mark = join(bundleFolder, '.recipe')
  if ((await readFile(mark, 'utf8').catch(() => '')) === recipe) return bundleFolder
  const draft = `${bundleFolder}.${process.pid}`
  try {
    for (const folder of ['bin', 'cni', 'images']) await mkdir(join(draft, folder), { recursive: true })
    for (const [path, source] of Object.entries(programs)) await link(source, join(draft, path)).catch(() => copyFile(source, join(draft, path)))
    const images: Bundle['images'][number][] = []
    for (const { file, placement, contains, make } of await imageRecipes()) {
      const image = await make()
      const bytes = imageTar(image)
      await writeFile(join(draft, 'images', file), bytes)
      images.push({ reference: image.reference, file: `images/${file}`, placement, contains })
      say(`${image.reference} (${(bytes.length / 1e6).toFixed(0)} MB)`)
    }
    const paths = [...Object.keys(programs), ...images.map(image => image.file)]
    const files = Object.fromEntries(await Promise.all(paths.map(async path => [path, await fingerprint(join(draft, path))] as const)))
    const bundle: Bundle = { schema: 1, version: versions.kubernetes, architecture: 'amd64', images, files }
    await writeFile(join(draft, 'bundle.json'), JSON.stringify(bundle, undefined, 2) + '\n')
    await writeFile(join(draft, '.recipe'), recipe)
    await rm(bundleFolder, { recursive: true, force: true })
    await mkdir(dirname(bundleFolder), { recursive: true })
    await rename(draft, bundleFolder)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return bundleFolder
}

async function fingerprint(path: string): Promise<{ readonly sha256: string; readonly size: number }> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return { sha256: hash.digest('hex'), size: (await stat(path)).size }
}

/** The inputs: this folder's own files, and the binaries by size and date (reading 700 MB each time would cost seconds). */
async function recipeDigest(): Promise<string> {
  const sources = ['bundle', 'images', 'image', 'tar', 'userland', 'versions'].map(name => new URL(`${name}.ts`, import.meta.url))
  const binaries = [...Object.values(programs), ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'].map(name => join(binFolder('kubernetes', versions.kubernetes), name)), join(ownFolder, 'web'), join(ownFolder, 'pause'), join(binFolder('etcd', versions.etcd), 'server'), join(binFolder('coredns', versions.coredns), 'coredns'), join(binFolder('flannel', versions.flannel), 'flannel')]
  const hash = createHash('sha256')
  for (const source of sources) hash.update(await readFile(source))
  for (const path of binaries) hash.update(`${path} ${statSync(path).size} ${statSync(path).mtimeMs}\n`)
  return hash.digest('hex')
}
