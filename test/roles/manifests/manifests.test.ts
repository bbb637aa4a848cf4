import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { at, looseImages, parseManifest, textAt } from '../../../roles/kubernetes/manifest.ts'
import { manifestSource, ofDigest } from '../../../roles/kubernetes/manifest-source.ts'
import { network } from '../../../roles/kubernetes/network.ts'
import { serviceLoadBalancer } from '../../../roles/kubernetes/service-load-balancer.ts'
import { calico } from '../../../roles/manifests/calico.ts'
import { cilium } from '../../../roles/manifests/cilium.ts'
import { metallb } from '../../../roles/manifests/metallb.ts'
import { fittedManifest } from '../../../roles/manifests/role.ts'

const site = { endpoint: { name: 'api.test', port: 7443 }, podSubnet: '10.200.0.0/16' }
/** Plain objects, as Kubernetes would read them. */
const read = (text: string) => parseAllDocuments(text).map(document => JSON.parse(JSON.stringify(document.toJS())))

const calicoYaml = `
kind: ConfigMap
apiVersion: v1
metadata: { name: calico-config, namespace: kube-system }
data: { calico_backend: bird }
---
# nothing here
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: calico-node, namespace: kube-system }
spec:
  template:
    spec:
      initContainers:
        - { name: install-cni, image: "docker.io/calico/cni:v3.28.5", env: [{ name: SLEEP, value: "false" }] }
      containers:
        - name: calico-node
          image: docker.io/calico/node:v3.28.5
          env:
            - { name: IP, value: autodetect }
            - { name: CALICO_IPV4POOL_CIDR, value: 192.168.0.0/16 }
            - { name: NODENAME, valueFrom: { fieldRef: { fieldPath: spec.nodeName } } }
      volumes: [{ name: policysync, hostPath: { path: /var/run/nodeagent }, defaultMode: 0644 }]
`

describe('a manifest of somebody else’s', () => {
  const sha256 = createHash('sha256').update(calicoYaml).digest('hex')
  test('is taken by its digest only', () => {
    expect(ofDigest(calicoYaml, { file: 'calico.yaml', sha256 })).toBe(calicoYaml)
    expect(() => ofDigest(`${calicoYaml} `, { file: 'calico.yaml', sha256 })).toThrow(/calico.yaml is not the manifest that was meant: expected sha256 [0-9a-f]{64}, got/)
    for (const wrong of [{ file: 'a' }, { url: 'https://example.org/a' }, { url: 'ftp://example.org/a', sha256 }, { file: 'a', sha256: 'abc' }, { file: 'a', url: 'https://example.org/a', sha256 }]) expect(manifestSource.safeParse(wrong).success).toBe(false)
    expect(network.safeParse({ plugin: 'calico' }).success).toBe(false)
    expect(network.parse('kube-router')).toMatchObject({ plugin: 'kube-router', overlay: 'subnet' })
    expect(serviceLoadBalancer.parse(undefined)).toBeUndefined()
  })
  test('is read as Kubernetes reads it', () => {
    const [, daemonSet] = parseManifest(calicoYaml)
    expect(at(daemonSet, 'spec', 'template', 'spec', 'volumes')).toEqual([{ name: 'policysync', hostPath: { path: '/var/run/nodeagent' }, defaultMode: 420 }])
    expect(parseManifest('kind: List\nitems: [{ kind: A }, { kind: B }]\n').map(each => textAt(each, 'kind'))).toEqual(['A', 'B'])
    expect(parseManifest('kind: A\nat: 2024-01-01\n')).toEqual([{ kind: 'A', at: '2024-01-01' }])
    expect(() => parseManifest('a: [')).toThrow('the manifest is no YAML')
    expect(() => parseManifest('kind: A\n---\n404: not found\n')).toThrow('document 2 of the manifest is no object of Kubernetes')
  })
  test('names exact images', () => {
    const named = (...images: readonly string[]) => looseImages([{ kind: 'DaemonSet', spec: { template: { spec: { containers: images.map(image => ({ image })) } } } }])
    expect(named('a:v1', `b@sha256:${'0'.repeat(64)}`, 'host:5000/c:1.2', 'quay.io/d:v1.20.2-0')).toEqual([])
    expect(named('a', 'host:5000/c', 'd:latest', 'e:master')).toEqual(['a', 'host:5000/c', 'd:latest', 'e:master'])
    expect(() => fittedManifest(calicoYaml.replace('node:v3.28.5', 'node:master'), calico, site)).toThrow('images without an exact version: docker.io/calico/node:master')
  })
})

describe('calico', () => {
  const objects = read(fittedManifest(calicoYaml, calico, site))
  const [node] = objects.filter(({ kind }) => kind === 'DaemonSet').map(({ spec }) => spec.template.spec)
  test('has the pods’ range and the nodes’ addresses of this cluster', () => {
    expect(node.containers[0].env).toEqual([
      { name: 'IP', value: 'autodetect' },
      { name: 'NODENAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
      { name: 'CALICO_IPV4POOL_CIDR', value: '10.200.0.0/16' },
      { name: 'IP_AUTODETECTION_METHOD', value: 'kubernetes-internal-ip' },
    ])
    expect(node.initContainers[0].env).toEqual([{ name: 'SLEEP', value: 'false' }])
  })
  test('asks the API at its endpoint', () => {
    expect(objects[0]).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'kubernetes-services-endpoint' }, data: { KUBERNETES_SERVICE_HOST: 'api.test', KUBERNETES_SERVICE_PORT: '7443' } })
  })
  test('is nothing else', () => {
    expect(() => calico(parseManifest('kind: Deployment\nmetadata: { name: tigera-operator, namespace: tigera-operator }\n'), site)).toThrow('give the one that is applied as it is')
  })
})

describe('cilium', () => {
  const chart = (data: string) => `
kind: ConfigMap
metadata: { name: cilium-config, namespace: kube-system }
data: ${data}
---
kind: DaemonSet
metadata: { name: cilium, namespace: kube-system }
spec: { template: { spec: { hostNetwork: true, initContainers: [{ name: config, image: "c:v1" }], containers: [{ name: cilium-agent, image: "c:v1" }] } } }
---
kind: Deployment
metadata: { name: hubble-relay, namespace: kube-system }
spec: { template: { spec: { containers: [{ name: relay, image: "c:v1" }] } } }
`
  const server = [{ name: 'KUBERNETES_SERVICE_HOST', value: 'api.test' }, { name: 'KUBERNETES_SERVICE_PORT', value: '7443' }]
  test('asks the API at its endpoint, from the host’s network only', () => {
    const [, agent, relay] = read(fittedManifest(chart('{ ipam: kubernetes }'), cilium, site))
    expect([agent.spec.template.spec.initContainers[0].env, agent.spec.template.spec.containers[0].env, relay.spec.template.spec.containers[0].env]).toEqual([server, server, undefined])
  })
  test('has the pods’ range of this cluster', () => {
    expect(read(fittedManifest(chart('{ ipam: cluster-pool, cluster-pool-ipv4-cidr: 10.0.0.0/8, kube-proxy-replacement: "false" }'), cilium, site))[0].data).toMatchObject({ 'cluster-pool-ipv4-cidr': '10.200.0.0/16' })
    expect(read(fittedManifest(chart('{ ipam: kubernetes }'), cilium, site))[0].data).toEqual({ ipam: 'kubernetes' })
  })
  test.each([
    ['{ ipam: eni }', 'render it with --set ipam.mode=kubernetes'],
    ['{}', 'has ipam ""'],
    ['{ ipam: kubernetes, kube-proxy-replacement: "true" }', 'render it with --set kubeProxyReplacement=false'],
  ])('%s is refused', (data, message) => {
    expect(() => fittedManifest(chart(data), cilium, site)).toThrow(message)
  })
  test('is nothing else', () => {
    expect(() => fittedManifest(calicoYaml, cilium, site)).toThrow('helm template')
  })
})

test('MetalLB is its native manifest', () => {
  expect(() => metallb(parseManifest(calicoYaml))).toThrow('the manifest of MetalLB has no Namespace metallb-system, no Deployment controller, no DaemonSet speaker, no CustomResourceDefinition ipaddresspools.metallb.io')
})
