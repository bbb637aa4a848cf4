import { containerImage, fact, sh, type Item } from 'ts-play'
import type { Software } from '../outputs.ts'

/** The images that the installed kubeadm asks for: it knows, a table would have to guess. */
export const kubeadmImages = fact({
  name: 'kubeadm-images',
  lifetime: 'volatile',
  query: sh`kubeadm config images list --kubernetes-version "$(kubeadm version --output short)" 2>/dev/null`,
  parse: stdout => stdout.split('\n').filter(line => line.includes('/')),
  standIn: seed => [`registry.k8s.io/pause:${seed}`],
})

/** The names of the same images in another registry; kubeadm asks for CoreDNS under a shorter one there. */
export function inRegistry(images: readonly string[], registry: string | undefined): readonly string[] {
  return registry === undefined ? images : images.map(image => image.replace(/^registry\.k8s\.io\/(coredns\/)?/, `${registry}/`))
}

/** The image that holds a pod's namespaces together; the runtime has to use the one that is there. */
export function sandboxImage(images: readonly string[]): string {
  return images.find(image => /\/pause[:@]/.test(image)) ?? 'registry.k8s.io/pause:3.10.1'
}

/**
 * Brings the images before anybody needs them: from the bundle, or pulled on control planes, so that a registry out of reach stops the run
 * before anything was begun.
 */
export function images(software: Software, part: 'control-plane' | 'worker', wanted: readonly string[]): Item[] {
  if (software.from === 'repository') return part === 'worker' || wanted.length === 0 ? [] : [containerImage({ reference: wanted })]
  const { folder, mounted } = software
  return software.images
    .filter(image => image.placement === 'every-node' || part === 'control-plane')
    .map(({ reference, file }) => containerImage({ reference, archive: mounted === undefined ? { file: `${folder}/${file}` } : { remote: `${mounted}/${file}` } }))
}
