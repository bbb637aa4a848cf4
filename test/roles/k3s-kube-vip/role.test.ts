import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { k3sKubeVip } from '../../../roles/k3s-kube-vip/role.ts'
import { itemsOf, plain, refusals, shown, specOf, varsOf, type Context } from '../support/tasks.ts'

const endpoint = { strategy: 'kube-vip', name: 'api.example.org', vip: '10.0.0.100' }
const routed = { ...endpoint, announce: { by: 'bgp', as: 65000, peers: [{ address: '10.0.0.1', as: 65001, password: 'hush' }] } }
const context = (vars: object = {}): Context => ({
  host: { name: 's1', address: '10.0.0.21' },
  vars: { endpoint, ...vars },
  facts: { addresses: [{ interface: 'ens3', address: '10.0.0.21', prefix: 24 }] },
  inputs: { servers: [{ name: 's1', address: '10.0.0.21', vars: {} }] },
})
const path = '/var/lib/rancher/k3s/server/manifests/kube-vip.yaml'
const manifest = (vars: object = {}) => {
  const content = specOf(itemsOf(k3sKubeVip, context(vars)), 'file', path)['content']
  return { content, documents: plain(content).split(/^---$/m).filter(text => text.trim() !== '').map(text => parse(text)) }
}
const kind = ({ documents }: Pick<ReturnType<typeof manifest>, 'documents'>, wanted: string) => documents.find(document => document['kind'] === wanted)!
const variables = (documents: ReturnType<typeof manifest>['documents']): Record<string, unknown> =>
  Object.fromEntries(kind({ documents }, 'DaemonSet')['spec'].template.spec.containers[0].env.map(({ name, value, valueFrom }: Record<string, unknown>) => [name, value ?? valueFrom]))

describe('k3s-kube-vip', () => {
  test('leaves a manifest that the server applies', () => {
    expect(shown(itemsOf(k3sKubeVip, context()))).toEqual(['command make /var/lib/rancher/k3s/server/manifests', `file ${path}`])
    expect(specOf(itemsOf(k3sKubeVip, context()), 'file', path)['mode']).toBe(0o600)
  })
  test('holds the floating address on servers alone, elected by a lease', () => {
    const { documents } = manifest()
    expect(variables(documents)).toMatchObject({ address: '10.0.0.100', port: '6443', vip_arp: 'true', cp_enable: 'true', vip_leaderelection: 'true', vip_nodename: { fieldRef: { fieldPath: 'spec.nodeName' } } })
    const { spec } = kind({ documents }, 'DaemonSet')['spec'].template
    expect(spec).toMatchObject({ hostNetwork: true, serviceAccountName: 'kube-vip' })
    expect(spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms).toEqual([{ matchExpressions: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }] }])
  })
  test('its account changes leases of kube-system and nothing else', () => {
    const { documents } = manifest()
    expect(kind({ documents }, 'Role')['rules']).toEqual([{ apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'list', 'watch', 'create', 'update', 'patch'] }])
    expect(kind({ documents }, 'ClusterRole')['rules']).toEqual([{ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] }])
  })
  test('an interface is named only if the inventory does: the text is the same on every server', () => {
    expect(variables(manifest().documents)).not.toHaveProperty('vip_interface')
    expect(variables(manifest({ endpointInterface: 'ens3' }).documents)['vip_interface']).toBe('ens3')
  })
  test('routers’ passwords are a Secret, here and in the cluster', () => {
    const { content, documents } = manifest({ endpoint: routed })
    expect(String(content)).not.toContain('hush')
    expect(kind({ documents }, 'Secret')).toMatchObject({ metadata: { name: 'kube-vip', namespace: 'kube-system' }, stringData: { peers: '10.0.0.1:65001:hush:false' } })
    expect(variables(documents)).toMatchObject({ vip_interface: 'lo', bgp_enable: 'true', bgp_as: '65000', bgp_peers: { secretKeyRef: { name: 'kube-vip', key: 'peers' } }, bgp_routerid: { fieldRef: { fieldPath: 'status.podIP' } } })
    expect(JSON.stringify(kind({ documents }, 'DaemonSet'))).not.toContain('hush')
  })
  test('refuses an address that is a machine’s, and is left out elsewhere', () => {
    expect(refusals(itemsOf(k3sKubeVip, context({ endpoint: { ...endpoint, vip: '10.0.0.21' } })))).not.toEqual([])
    expect(k3sKubeVip.body.skip?.({ host: { name: 's1', address: '' }, facts: {}, inputs: {}, vars: varsOf(k3sKubeVip, { endpoint: { strategy: 'external', name: 'api.example.org' } }) })).toBe('the endpoint is external')
  })
})
