import { output } from 'ts-play'
import { either } from './either.ts'

/** Kubernetes from a repository of packages, and the key that signs it. */
export interface Repository {
  readonly from: 'repository'
  readonly uri: string
  readonly key: string
  /** The part of a package's version after that of Kubernetes. */
  readonly revision: string
}
/** Kubernetes from a folder on the controller: names of files in its `bin/` and `cni/`, and its images. */
export interface Bundle {
  readonly from: 'bundle'
  readonly folder: string
  /** Where the hosts have the same folder as a disk or share of their own. */
  readonly mounted: string | undefined
  readonly version: string
  readonly architecture: string
  readonly binaries: readonly string[]
  readonly plugins: readonly string[]
  readonly images: readonly { readonly reference: string; readonly file: string; readonly placement: 'control-plane' | 'every-node' }[]
}
export type Software = Repository | Bundle
export const Software = output('software', (seed): Software =>
  either<Software>(
    seed,
    { from: 'repository', uri: 'https://a.invalid/', key: 'a', revision: 'a' },
    { from: 'bundle', folder: '/b', mounted: '/b', version: 'v1.34.0', architecture: 'b', binaries: ['b'], plugins: ['b'], images: [{ reference: 'b', file: 'b', placement: 'every-node' }] },
  ),
)

/** Manifests that are not ours, fit for this cluster; `undefined` where none is wanted. */
export interface Manifests {
  readonly network: string | undefined
  readonly serviceLoadBalancer: string | undefined
}
export const Manifests = output('manifests', (seed): Manifests => ({
  network: `{ kind: ${seed} }\n`,
  serviceLoadBalancer: `{ kind: ${seed} }\n`,
}))
