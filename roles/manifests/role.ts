import { role, type Look } from 'ts-play'
import { endpoint } from '../kubernetes/endpoint.ts'
import { looseImages, parseManifest, type Fields } from '../kubernetes/manifest.ts'
import { readManifest, type ManifestSource } from '../kubernetes/manifest-source.ts'
import { network } from '../kubernetes/network.ts'
import { serviceLoadBalancer } from '../kubernetes/service-load-balancer.ts'
import { podSubnet } from '../kubernetes/variables.ts'
import { toYamlDocuments } from '../kubernetes/yaml.ts'
import { Manifests } from '../outputs.ts'
import { calico } from './calico.ts'
import { cilium } from './cilium.ts'
import { metallb } from './metallb.ts'
import type { Site } from './site.ts'

/**
 * Reads, on the controller, the manifests that are not ours: each by the digest that the inventory gives, and made fit for this cluster. Read only, and before anything on any
 * host is changed: a manifest that is another one than was meant stops the run there.
 */
export const manifests = role('manifests', {
  vars: { network, serviceLoadBalancer, podSubnet, endpoint },
  outputs: { manifests: Manifests },
  produce: {
    manifests: async ({ vars, on }): Promise<Manifests> => {
      const site = { endpoint: vars.endpoint, podSubnet: vars.podSubnet }
      const { network: net, serviceLoadBalancer: services } = vars
      return {
        network: net.plugin === 'calico' ? await fitted(on, net.manifest, calico, site) : net.plugin === 'cilium' ? await fitted(on, net.manifest, cilium, site) : undefined,
        serviceLoadBalancer: services?.by === 'metallb' ? await fitted(on, services.manifest, metallb, site) : undefined,
      }
    },
  },
})

async function fitted(on: Look, source: ManifestSource, fit: (objects: readonly Fields[], site: Site) => readonly Fields[], site: Site): Promise<string> {
  return fittedManifest(await readManifest(on, source), fit, site)
}

/** Pure. @throws Error when it cannot be made fit, or names an image that may be another one tomorrow */
export function fittedManifest(text: string, fit: (objects: readonly Fields[], site: Site) => readonly Fields[], site: Site): string {
  const objects = fit(parseManifest(text), site)
  const loose = looseImages(objects)
  if (loose.length > 0) throw new Error(`the manifest names images without an exact version: ${loose.join(', ')}`)
  return toYamlDocuments(objects)
}
