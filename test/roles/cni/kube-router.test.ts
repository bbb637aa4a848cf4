import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { kubeRouterManifest } from '../../../roles/cni/kube-router.ts'
import { cni } from '../../../roles/cni/role.ts'
import { itemsOf, shown, specOf } from '../support/tasks.ts'

const endpoint = { name: 'api.example.org', address: '10.0.0.100', port: 6443 }
const documents = (overlay: 'subnet' | 'full' | 'none') => parseAllDocuments(kubeRouterManifest({ endpoint, image: 'kube-router:v1', overlay })).map(document => JSON.parse(JSON.stringify(document.toJS())))
const pod = (overlay: 'subnet' | 'full' | 'none') => documents(overlay).find(({ kind }) => kind === 'DaemonSet').spec.template.spec

describe('kube-router', () => {
  test('is these objects', () => {
    expect(documents('subnet').map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(['ServiceAccount kube-router', 'ClusterRole kube-router', 'ClusterRoleBinding kube-router', 'ConfigMap kube-router-cfg', 'DaemonSet kube-router'])
  })
  test('routes and filters, and leaves Services to kube-proxy', () => {
    expect(pod('none').containers[0].args).toEqual(['--run-router=true', '--run-firewall=true', '--run-service-proxy=false', '--bgp-graceful-restart=true', '--enable-overlay=false', '--overlay-type=subnet'])
    expect(pod('full').containers[0].args.slice(-2)).toEqual(['--enable-overlay=true', '--overlay-type=full'])
  })
  test('asks the API where it always is', () => {
    expect(pod('subnet').containers[0].env).toContainEqual({ name: 'KUBERNETES_SERVICE_HOST', value: 'api.example.org' })
  })
  test('may only look', () => {
    expect(new Set(documents('subnet').flatMap(({ rules = [] }) => rules.flatMap(({ verbs }: { verbs: string[] }) => verbs)))).toEqual(new Set(['get', 'list', 'watch']))
  })
})

describe('the role', () => {
  const items = (given: unknown, provided?: string) => itemsOf(cni, { vars: { network: given }, facts: { nodeName: 'h1' }, inputs: { endpoint, cluster: { servedBy: 'h1' }, manifests: { network: provided, serviceLoadBalancer: undefined } } })
  test('applies what the network is', () => {
    expect(shown(items('kube-router'))).toEqual(['kubectl-apply kube-router', 'wait-for the node is Ready'])
    expect(specOf(items('flannel'), 'kubectl-apply', 'flannel')['manifest']).toContain('kube-flannel-ds')
  })
  test('applies what was made of somebody else’s manifest', () => {
    const source = { file: 'calico.yaml', sha256: '0'.repeat(64) }
    expect(specOf(items({ plugin: 'calico', manifest: source }, 'kind: A\n'), 'kubectl-apply', 'calico')['manifest']).toBe('kind: A\n')
  })
})
