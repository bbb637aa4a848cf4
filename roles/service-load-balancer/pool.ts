import { toYamlDocuments } from '../kubernetes/yaml.ts'

/** The addresses that MetalLB gives, and that its speakers answer for to their neighbours. */
export function metallbPool(addresses: readonly string[]): string {
  const metadata = { name: 'ts-play', namespace: 'metallb-system' }
  return toYamlDocuments([
    // Of a range, never of a single address: one without a dash or a prefix is a range of one.
    { apiVersion: 'metallb.io/v1beta1', kind: 'IPAddressPool', metadata, spec: { addresses: addresses.map(each => (/[-/]/.test(each) ? each : `${each}/32`)) } },
    { apiVersion: 'metallb.io/v1beta1', kind: 'L2Advertisement', metadata, spec: { ipAddressPools: ['ts-play'] } },
  ])
}
