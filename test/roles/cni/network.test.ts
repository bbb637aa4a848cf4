import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { bridge } from '../../../roles/bridge/role.ts'
import { conflist } from '../../../roles/bridge/conflist.ts'
import { routesUnit } from '../../../roles/bridge/routes.ts'
import { flannelManifest } from '../../../roles/cni/flannel.ts'
import { cni } from '../../../roles/cni/role.ts'
import { flannelImages } from '../../../roles/kubernetes/network.ts'
import { isSpread } from '../../../roles/dns/spread.ts'
import { sh } from '../../../engine/index.ts'
import { runShell } from '../support/shell.ts'
import { itemsOf, refusals, shown, varsOf } from '../support/tasks.ts'

const endpoint = { name: 'api.example.org', address: '10.0.0.100', port: 6443 }
const settings = { endpoint, podSubnet: '10.200.0.0/16', backend: 'host-gw' as const, ...flannelImages }

describe('flannel', () => {
  const documents = parseAllDocuments(flannelManifest(settings)).map(document => JSON.parse(JSON.stringify(document.toJS())))
  const find = (kind: string) => documents.find(document => document.kind === kind)

  test('is these objects', () => {
    expect(documents.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(['Namespace kube-flannel', 'ServiceAccount flannel', 'ClusterRole flannel', 'ClusterRoleBinding flannel', 'ConfigMap kube-flannel-cfg', 'DaemonSet kube-flannel-ds'])
  })
  test('routes the pods of this cluster', () => {
    expect(JSON.parse(find('ConfigMap').data['net-conf.json'])).toEqual({ Network: '10.200.0.0/16', EnableNFTables: false, Backend: { Type: 'host-gw' } })
  })
  test('uses the interface of the node’s own address, and asks the API where it always is', () => {
    const [container] = find('DaemonSet').spec.template.spec.containers
    expect(container.args).toContain('--iface=$(HOST_IP)')
    expect(container.env).toContainEqual({ name: 'KUBERNETES_SERVICE_HOST', value: 'api.example.org' })
    expect(container.env).toContainEqual({ name: 'KUBERNETES_SERVICE_PORT', value: '6443' })
  })
  test('names exact images', () => {
    expect(flannelManifest(settings).match(/image: .*/g)).toMatchInlineSnapshot(`
      [
        "image: "ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel3"",
        "image: "ghcr.io/flannel-io/flannel:v0.28.10"",
        "image: "ghcr.io/flannel-io/flannel:v0.28.10"",
      ]
    `)
  })
  test('is played on the control plane that serves the others, where it is the network', () => {
    const skip = (host: string, vars = {}) => cni.body.skip?.({ host: { name: host, address: '' }, facts: {}, inputs: { endpoint, cluster: { servedBy: 'm2' } }, vars: varsOf(cni, vars) })
    expect([skip('m1'), skip('m2'), skip('m2', { network: 'bridge' })]).toEqual(['not elected', undefined, 'the network is bridge'])
  })
})

describe('bridge', () => {
  const node = (name: string, last: number) => ({ name, address: `10.0.0.${last}`, podRange: `10.244.${last}.0/24` })
  const nodes = [node('m1', 1), node('w2', 4), node('w1', 3)]

  test('gives pods addresses of the node’s own range', () => {
    expect(JSON.parse(conflist('10.244.3.0/24')).plugins[0]).toMatchObject({ type: 'bridge', ipam: { ranges: [[{ subnet: '10.244.3.0/24' }]] } })
  })
  test('has a route to every other node, in an order that does not depend on who was asked first', () => {
    expect(routesUnit({ own: 'w1', nodes, podSubnet: '10.244.0.0/16' })).toMatchInlineSnapshot(`
      "# Written by ts-play; changes are overwritten.
      [Unit]
      Description=Routes to the pods of other nodes
      Wants=network-online.target
      After=network-online.target

      [Service]
      Type=oneshot
      RemainAfterExit=yes
      ExecStart=-/sbin/ip route flush protocol 117
      ExecStart=/sbin/ip route replace 10.244.1.0/24 via 10.0.0.1 protocol 117
      ExecStart=/sbin/ip route replace 10.244.4.0/24 via 10.0.0.4 protocol 117
      ExecStart=/bin/sh -c '/usr/sbin/iptables -w -t nat -C POSTROUTING -s 10.244.0.0/16 ! -d 10.244.0.0/16 -j MASQUERADE -m comment --comment ts-play 2>/dev/null || /usr/sbin/iptables -w -t nat -A POSTROUTING -s 10.244.0.0/16 ! -d 10.244.0.0/16 -j MASQUERADE -m comment --comment ts-play'

      [Install]
      WantedBy=multi-user.target
      "
    `)
    expect(routesUnit({ own: 'w1', nodes: nodes.toReversed(), podSubnet: '10.244.0.0/16' })).toBe(routesUnit({ own: 'w1', nodes, podSubnet: '10.244.0.0/16' }))
  })
  test('does', () => {
    const inputs = { server: new Map([['m1', node('m1', 1)]]), otherControlPlanes: new Map(), workers: new Map([['w1', node('w1', 3)]]) }
    const items = (nodeName: string) => itemsOf(bridge, { vars: { network: 'bridge' }, facts: { nodeName }, inputs })
    expect(shown(items('w1'))).toMatchInlineSnapshot(`
      [
        "file /etc/cni/net.d/10-bridge.conflist",
        "systemd-unit /etc/systemd/system/ts-play-pod-routes.service → restart the routes",
        "service ts-play-pod-routes.service",
        "wait-for the node is Ready",
      ]
    `)
    expect(refusals(items('w9'))).toEqual([expect.stringContaining('the cluster has given h1 no range of 10.244.0.0/16')])
  })
})

describe('CoreDNS', () => {
  const spread = (homes: readonly string[], ready: readonly boolean[]): boolean => {
    const kubectl = `case "$*" in *pods*) printf '${homes.map(home => `${home}\\n`).join('')}' ;; *nodes*) printf '${ready.map(each => (each ? 'True\\n' : 'False\\n')).join('')}' ;; esac`
    return runShell(`set -eu\n${isSpread(sh`kubectl`).text}`, { kubectl }).status === 0
  }
  test.each<[string, readonly string[], readonly boolean[], boolean]>([
    ['both on the only node', ['m1', 'm1'], [true], true],
    ['both on one of three', ['m1', 'm1'], [true, true, true], false],
    ['both on the only one that is Ready', ['m1', 'm1'], [true, false], true],
    ['on two nodes', ['m1', 'w1'], [true, true], true],
    ['a single one, as the user wishes', ['m1'], [true, true], true],
    ['not there yet', [], [true, true], true],
  ])('%s', (_, homes, ready, well) => {
    expect(spread(homes, ready)).toBe(well)
  })
})
