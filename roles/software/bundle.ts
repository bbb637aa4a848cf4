import { z } from 'ts-play'
import type { Bundle } from '../outputs.ts'

/**
 * `bundle.json` of an air-gap bundle: a folder with all that a cluster needs beside the distribution's own packages.
 *
 *     bundle.json      what is in it
 *     bin/             kubeadm kubelet kubectl, and whatever else belongs on a host's PATH
 *     cni/             CNI plugins
 *     images/*.tar     one image each, under exactly the name that kubeadm or a manifest asks for
 */
const manifest = z.object({
  schema: z.literal(1),
  version: z.string(),
  architecture: z.string(),
  images: z.array(z.object({ reference: z.string(), file: z.string(), placement: z.enum(['control-plane', 'every-node']) })),
  files: z.record(z.string().regex(/^(bin|cni|images)\/[A-Za-z0-9._-]+$/, 'a file of a bundle lies in bin/, cni/ or images/'), z.object({ sha256: z.string(), size: z.number() })),
})

/** Reads a bundle's manifest. @throws Error that names what is wrong in it */
export function parseBundle(json: string, folder: string): Omit<Bundle, 'mounted'> {
  const { version, architecture, images, files } = manifest.parse(JSON.parse(json))
  const names = (prefix: string): string[] => Object.keys(files).filter(path => path.startsWith(prefix)).map(path => path.slice(prefix.length))
  const missing = ['kubeadm', 'kubelet', 'kubectl'].filter(name => !names('bin/').includes(name))
  if (missing.length > 0) throw new Error(`the bundle in ${folder} lacks bin/${missing.join(', bin/')}`)
  return { from: 'bundle', folder, version, architecture, binaries: names('bin/'), plugins: names('cni/'), images }
}
