import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { Secret } from '../../../engine/index.ts'
import { kubeVip } from '../../../roles/kube-vip/role.ts'
import { endpoint, type EndpointOf } from '../../../roles/kubernetes/endpoint.ts'
import { kubeVipPod, kubeVipRuns, prefixVariable, type KubeVipPod } from '../../../roles/kubernetes/kube-vip.ts'
import { runShell } from '../support/shell.ts'
import { itemsOf, plain, refusals, shown, varsOf, type Context } from '../support/tasks.ts'

const given = { strategy: 'kube-vip', name: 'api.example.org', vip: '10.0.0.100' }
const bgp = { by: 'bgp', as: 64512, peers: [{ address: '10.0.0.1', as: 64513, password: 'sesame' }, { address: '10.0.0.2', as: 64513, multihop: true }] }
const api = (changes: object = {}): EndpointOf<'kube-vip'> => {
  const parsed = endpoint.parse({ ...given, ...changes })
  if (parsed.strategy !== 'kube-vip') throw new Error('not kube-vip')
  return parsed
}
const pod = (changes: Partial<KubeVipPod> = {}): string => plain(kubeVipPod({ endpoint: api(), interface: 'ens3', address: '10.0.0.21', credentials: 'admin.conf', ...changes }))
const environment = (manifest: string): Record<string, unknown> =>
  Object.fromEntries(parse(manifest).spec.containers[0].env.map(({ name, value, valueFrom }: { name: string; value?: string; valueFrom?: unknown }) => [name, value ?? valueFrom]))

describe('kube-vip’s manifest', () => {
  test('reads', () => {
    expect(pod()).toMatchInlineSnapshot(`
      "apiVersion: v1
      kind: Pod
      metadata:
        name: kube-vip
        namespace: kube-system
        labels:
          component: kube-vip
      spec:
        hostNetwork: true
        priority: 2000001000
        priorityClassName: system-node-critical
        hostAliases:
          - ip: "127.0.0.1"
            hostnames:
              - kubernetes
        volumes:
          - name: kubeconfig
            hostPath:
              path: /etc/kubernetes/admin.conf
              type: File
        containers:
          - name: kube-vip
            image: "ghcr.io/kube-vip/kube-vip:v1.0.3"
            imagePullPolicy: IfNotPresent
            args:
              - manager
            securityContext:
              capabilities:
                add:
                  - NET_ADMIN
                  - NET_RAW
                drop:
                  - ALL
            volumeMounts:
              - name: kubeconfig
                mountPath: /etc/kubernetes/admin.conf
            env:
              - name: vip_nodename
                valueFrom:
                  fieldRef:
                    fieldPath: spec.nodeName
              - name: vip_arp
                value: "true"
              - name: vip_interface
                value: ens3
              - name: vip_subnet
                value: "32"
              - name: address
                value: "10.0.0.100"
              - name: port
                value: "6443"
              - name: cp_enable
                value: "true"
              - name: cp_namespace
                value: kube-system
              - name: vip_leaderelection
                value: "true"
              - name: vip_leasename
                value: plndr-cp-lock
              - name: vip_leaseduration
                value: "5"
              - name: vip_renewdeadline
                value: "3"
              - name: vip_retryperiod
                value: "1"
      "
    `)
  })
  test('has every variable as text, which is all that a container’s environment takes', () => {
    const values = Object.values(environment(pod({ endpoint: api({ announce: bgp }) })))
    expect(values.filter(value => typeof value !== 'string')).toEqual([{ fieldRef: { fieldPath: 'spec.nodeName' } }])
  })
  test('takes super-admin.conf from the host under the one name that kube-vip reads', () => {
    const { volumes, containers } = parse(pod({ credentials: 'super-admin.conf' })).spec
    expect(volumes).toEqual([{ name: 'kubeconfig', hostPath: { path: '/etc/kubernetes/super-admin.conf', type: 'File' } }])
    expect(containers[0].volumeMounts).toEqual([{ name: 'kubeconfig', mountPath: '/etc/kubernetes/admin.conf' }])
  })
  test('towards routers has the address on the loopback, tells both of them, and is a secret as a whole', () => {
    const manifest = kubeVipPod({ endpoint: api({ announce: bgp }), interface: 'ens3', address: '10.0.0.21', credentials: 'admin.conf' })
    expect(manifest).toBeInstanceOf(Secret)
    expect(environment(plain(manifest))).toMatchObject({
      vip_arp: 'false', vip_interface: 'lo', bgp_enable: 'true', bgp_routerid: '10.0.0.21', bgp_as: '64512', bgp_sourceip: '10.0.0.21',
      bgp_peers: '10.0.0.1:64513:sesame:false,10.0.0.2:64513::true',
    })
  })
  test.each([
    ['ghcr.io/kube-vip/kube-vip:v0.8.9', 'vip_cidr'],
    ['ghcr.io/kube-vip/kube-vip:v0.9.0', 'vip_subnet'],
    ['registry.example.org:5000/kube-vip:v1.0.3', 'vip_subnet'],
    ['registry.example.org:5000/kube-vip@sha256:0', 'vip_subnet'],
  ])('of %s says the prefix by %s', (image, name) => {
    expect(prefixVariable(image)).toBe(name)
    expect(environment(pod({ endpoint: api({ image }) }))[name]).toBe('32')
  })
})

describe('the role kube-vip', () => {
  const member = (name: string, address: string) => ({ name, address, vars: {} })
  const context = (vars: object = {}): Context => ({
    host: { name: 'cp1', address: '10.0.0.21' },
    vars: { endpoint: given, ...vars },
    facts: { nodeName: 'cp1', addresses: [{ interface: 'ens3', address: '10.0.0.21', prefix: 24 }] },
    inputs: { controlPlanes: [member('cp1', '10.0.0.21'), member('cp2', '10.0.0.22')] },
  })
  test('does', () => {
    expect(shown(itemsOf(kubeVip, context()))).toEqual(['file /etc/kubernetes/manifests/kube-vip.yaml', 'wait-for kube-vip runs with the credentials of admin.conf'])
  })
  test('refuses an address that is a machine’s', () => {
    expect(refusals(itemsOf(kubeVip, context({ endpoint: { ...given, vip: '10.0.0.22' } })))).toEqual([expect.stringContaining('10.0.0.22 is the address of cp2')])
  })
  test('is left out where the endpoint is another', () => {
    expect(kubeVip.body.skip?.({ host: { name: 'cp1', address: '' }, facts: {}, inputs: {}, vars: varsOf(kubeVip, { endpoint: { strategy: 'local', name: 'api.example.org' } }) })).toBe('the endpoint is local')
  })
})

describe('kube-vip counts as running', () => {
  const runs = kubeVipRuns('cp1')
  const spec: unknown = runs.type === 'task' ? runs.spec : undefined
  const until: unknown = typeof spec === 'object' && spec !== null ? Reflect.get(spec, 'until') : undefined
  const script = typeof until === 'object' && until !== null && 'text' in until ? String(until.text) : ''
  const look = (seen: string, manifests = '') => runShell(`set -eu\n${script}`, { kubectl: `echo '${seen}'`, grep: manifests === '' ? 'exit 1' : `echo ${manifests}` })
  test.each([
    ['ready, with the credentials that it may keep', '/etc/kubernetes/admin.conf true', '', 0],
    ['not ready', '/etc/kubernetes/admin.conf false', '', 1],
    ['a pod of the first hour', '/etc/kubernetes/super-admin.conf true', '', 1],
    ['no pod', '', '', 1],
    ['a manifest of the first hour', '/etc/kubernetes/admin.conf true', '/etc/kubernetes/manifests/kube-vip.yaml', 1],
  ])('%s: %s', (_, seen, manifests, status) => {
    expect(look(seen, manifests).status).toBe(status)
  })
})
