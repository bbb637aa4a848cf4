import { isObject, type Fields } from '../kubernetes/manifest.ts'

/** MetalLB's native manifest is for every cluster as it is; what is checked is that it is that one. @throws Error when it is another */
export function metallb(objects: readonly Fields[]): readonly Fields[] {
  const missing = ([['Namespace', 'metallb-system'], ['Deployment', 'controller'], ['DaemonSet', 'speaker'], ['CustomResourceDefinition', 'ipaddresspools.metallb.io']] as const)
    .filter(([kind, name]) => !objects.some(object => isObject(object, kind, name)))
    .map(([kind, name]) => `${kind} ${name}`)
  if (missing.length > 0) throw new Error(`the manifest of MetalLB has no ${missing.join(', no ')}: give metallb-native.yaml of a release`)
  return objects
}
