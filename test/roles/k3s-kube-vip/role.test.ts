import { describe, expect, test } from 'vitest'
import { parseAllDocuments, type Document } from 'yaml'
import { z } from '../../../engine/index.ts'
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
/** The documents of the manifest by their kind. */
const manifest = (vars: object = {}): { content: unknown; of: (kind: string) => Document } => {
  const content = specOf(itemsOf(k3sKubeVip, context(vars)), 'file', path)['content']
  const documents = parseAllDocuments(plain(content))
  return { content, of: kind => documents.find(document => document.get('kind') === kind)! }
}
const pod = ['spec', 'template', 'spec']
const variables = (daemonSet: Document): Record<string, unknown> => {
  const list = z.array(z.object({ name: z.string(), value: z.string().optional(), valueFrom: z.unknown().optional() })).parse(daemonSet.toJS().spec.template.spec.containers[0].env)
  return Object.fromEntries(list.map(({ name, value, valueFrom }) => [name, value ?? valueFrom]))
}

describe('k3s-kube-vip', () => {
  test('leaves a manifest that the server applies', () => {
    expect(shown(itemsOf(k3sKubeVip, context()))).toEqual(['command make /var/lib/rancher/k3s/server/manifests', `file ${path}`])
    expect(specOf(itemsOf(k3sKubeVip, context()), 'file', path)['mode']).toBe(0o600)
  })
  test('holds the floating address on servers alone, elected by a lease', () => {
    const daemonSet = manifest().of('DaemonSet')
    expect(variables(daemonSet)).toMatchObject({ address: '10.0.0.100', port: '6443', vip_arp: 'true', cp_enable: 'true', vip_leaderelection: 'true', vip_nodename: { fieldRef: { fieldPath: 'spec.nodeName' } } })
    const at = (...way: readonly (string | number)[]): unknown => daemonSet.getIn([...pod, ...way])
    expect([at('hostNetwork'), at('serviceAccountName')]).toEqual([true, 'kube-vip'])
    expect(JSON.stringify(at('affinity'))).toContain('[{"matchExpressions":[{"key":"node-role.kubernetes.io/control-plane","operator":"Exists"}]}]')
  })
  test('its account changes leases of kube-system and nothing else', () => {
    const { of } = manifest()
    expect(of('Role').toJS().rules).toEqual([{ apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'list', 'watch', 'create', 'update', 'patch'] }])
    expect(of('ClusterRole').toJS().rules).toEqual([{ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] }])
  })
  test('an interface is named only if the inventory does: the text is the same on every server', () => {
    expect(variables(manifest().of('DaemonSet'))).not.toHaveProperty('vip_interface')
    expect(variables(manifest({ endpointInterface: 'ens3' }).of('DaemonSet'))['vip_interface']).toBe('ens3')
  })
  test('routers’ passwords are a Secret, here and in the cluster', () => {
    const { content, of } = manifest({ endpoint: routed })
    expect(String(content)).not.toContain('hush')
    expect(of('Secret').toJS()).toMatchObject({ metadata: { name: 'kube-vip', namespace: 'kube-system' }, stringData: { peers: '10.0.0.1:65001:hush:false' } })
    expect(variables(of('DaemonSet'))).toMatchObject({ vip_interface: 'lo', bgp_enable: 'true', bgp_as: '65000', bgp_peers: { secretKeyRef: { name: 'kube-vip', key: 'peers' } }, bgp_routerid: { fieldRef: { fieldPath: 'status.podIP' } } })
    expect(JSON.stringify(of('DaemonSet'))).not.toContain('hush')
  })
  test('refuses an address that is a machine’s, and is left out elsewhere', () => {
    expect(refusals(itemsOf(k3sKubeVip, context({ endpoint: { ...endpoint, vip: '10.0.0.21' } })))).not.toEqual([])
    expect(k3sKubeVip.body.skip?.({ host: { name: 's1', address: '' }, facts: {}, inputs: {}, vars: varsOf(k3sKubeVip, { endpoint: { strategy: 'external', name: 'api.example.org' } }) })).toBe('the endpoint is external')
  })
})
