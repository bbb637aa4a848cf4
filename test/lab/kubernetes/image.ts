import { createHash } from 'node:crypto'
import { constants, zstdCompressSync } from 'node:zlib'
import type { TarEntry } from './tar.ts'
import { tar } from './tar.ts'

export interface Layer {
  readonly digest: string
  /** The digest before compression, which an image's configuration names. */
  readonly contentDigest: string
  readonly bytes: Buffer
}

export interface Image {
  /** Exactly the name a kubelet or kubeadm asks for. */
  readonly reference: string
  readonly layers: readonly Layer[]
  readonly entrypoint?: readonly string[]
}

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
const epoch = '1970-01-01T00:00:00Z'

export function layer(entries: readonly TarEntry[]): Layer {
  const content = tar(entries)
  // A fifth smaller than gzip, and a quarter faster to import; containerd reads it since 1.5.
  const bytes = zstdCompressSync(content, { params: { [constants.ZSTD_c_compressionLevel]: 9 } })
  return { digest: digestOf(bytes), contentDigest: digestOf(content), bytes }
}

/** An OCI layout in a tar, as `ctr -n k8s.io images import` takes it; the annotation gives the image its full name. */
export function imageTar({ reference, layers, entrypoint = [] }: Image): Buffer {
  const config = json({
    created: epoch,
    architecture: 'amd64',
    os: 'linux',
    config: { Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'], ...(entrypoint.length === 0 ? {} : { Entrypoint: entrypoint }) },
    rootfs: { type: 'layers', diff_ids: layers.map(item => item.contentDigest) },
    history: layers.map(() => ({ created: epoch, created_by: 'ts-play' })),
  })
  const manifest = json({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(config), size: config.length },
    layers: layers.map(item => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd', digest: item.digest, size: item.bytes.length })),
  })
  const index = json({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      {
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest: digestOf(manifest),
        size: manifest.length,
        platform: { architecture: 'amd64', os: 'linux' },
        annotations: { 'io.containerd.image.name': reference, 'org.opencontainers.image.ref.name': reference.slice(reference.lastIndexOf(':') + 1) },
      },
    ],
  })
  const blobs = new Map([config, manifest, ...layers.map(item => item.bytes)].map(bytes => [digestOf(bytes).slice('sha256:'.length), bytes]))
  return tar([
    { type: 'file', path: 'oci-layout', content: json({ imageLayoutVersion: '1.0.0' }), mode: 0o644 },
    { type: 'file', path: 'index.json', content: index, mode: 0o644 },
    { type: 'folder', path: 'blobs' },
    { type: 'folder', path: 'blobs/sha256' },
    ...[...blobs].map(([name, content]) => ({ type: 'file', path: `blobs/sha256/${name}`, content, mode: 0o644 }) as const),
  ])
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value))
}
