import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { raw } from '../../../engine/index.ts'
import { apiCertificate } from '../../../roles/api-certificate/role.ts'
import { issueCertificate, recordNames, recordsNames, servesNames } from '../../../roles/api-certificate/serving.ts'
import { endpointLeftovers } from '../../../roles/endpoint-leftovers/role.ts'
import { endpointReady } from '../../../roles/endpoint-ready/role.ts'
import { endpointUsers } from '../../../roles/endpoint-users/role.ts'
import { runShell, syntaxError } from '../support/shell.ts'
import { itemsOf, shown, specOf, type Context } from '../support/tasks.ts'

const name = 'api.example.org'
const member = (host: string, address: string) => ({ name: host, address, vars: {} })
const controlPlanes = [member('cp1', '10.0.0.21'), member('cp2', '10.0.0.22')]
const balancers = [member('lb1', '10.0.0.11')]
const floating = { strategy: 'haproxy+keepalived', name, vip: '10.0.0.100' }
const kubeVip = { strategy: 'kube-vip', name, vip: '10.0.0.100' }
const local = { strategy: 'local', name }
const context = (host: string, endpoint: object, facts: object = {}): Context => ({
  host: [...controlPlanes, ...balancers].find(each => each.name === host) ?? member(host, '10.0.0.31'),
  vars: { endpoint },
  facts: { ours: [], ...facts },
  inputs: { controlPlanes, balancers },
})
/** Text of a command in a task's spec. */
const text = (spec: Record<string, unknown>, key: string): string => {
  const found = spec[key]
  return typeof found === 'object' && found !== null && 'text' in found ? String(found.text) : ''
}
const served = { names: ['api.example.org', '10.0.0.100'], address: '10.0.0.21', bindPort: 6443 }

describe('the certificate of an API server', () => {
  test('is the business of', () => {
    expect(shown(itemsOf(apiCertificate, context('cp1', floating)))).toEqual([
      'wait-for the cluster’s endpoint is api.example.org:6443',
      'wait-for etcd is healthy',
      'command the names are in kubeadm-config',
      'command kube-apiserver is believed under every name of the endpoint',
    ])
  })
  test('is asked for under every name', () => {
    const asked = runShell(`set -eu\n${servesNames(served).text}`, { curl: 'echo "$@" >&2' })
    expect(asked.stderr.match(/--connect-to \S+ \S+/g)).toEqual(['--connect-to ::10.0.0.21:6443 https://api.example.org:6443/readyz', '--connect-to ::10.0.0.21:6443 https://10.0.0.100:6443/readyz'])
    expect(runShell(`set -eu\n${servesNames(served).text}`, { curl: 'case $* in *10.0.0.100*) exit 60 ;; esac' })).toMatchObject({ status: 1, stdout: 'kube-apiserver is not believed to be 10.0.0.100\n' })
  })
  test('comes back when there is no new one', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ts-play-pki-'))
    try {
      for (const file of ['apiserver.crt', 'apiserver.key']) writeFileSync(join(folder, file), `old ${file}`)
      const script = issueCertificate({ ...served, endpoint: 'api.example.org:6443', serviceSubnet: '10.96.0.0/12' }).text.replaceAll('/etc/kubernetes/pki', folder)
      expect(runShell(`set -eu\n${script}`, { kubeadm: 'exit 1', curl: 'exit 0' }).status).toBe(1)
      expect(readFileSync(join(folder, 'apiserver.key'), 'utf8')).toBe('old apiserver.key')
      const made = runShell(`set -eu\n${script}`, { kubeadm: `[ "$1" = init ] || { echo v1.34.10; exit 0; }; echo "$@"; echo new >${folder}/apiserver.crt; echo new >${folder}/apiserver.key`, curl: `[ -e ${folder}/asked ] || { : >${folder}/asked; exit 60; }` })
      expect(made).toMatchObject({ status: 0, stderr: '' })
      expect(made.stdout).toContain('--apiserver-cert-extra-sans api.example.org,10.0.0.100 --control-plane-endpoint api.example.org:6443')
      expect(readFileSync(join(folder, 'apiserver.key'), 'utf8')).toBe('new\n')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
  test('the next one is made from the same names: kubeadm-config gets those that it lacks', () => {
    const record = 'apiServer:\n  certSANs:\n  - api.example.org\n  - 10.0.0.21\napiVersion: kubeadm.k8s.io/v1beta4\n'
    const kubectl = raw('kubectl')
    const fakes = { kubectl: `case $1 in get) printf '%s' '${record}' ;; create) cat >&2 ;; replace) : ;; esac` }
    expect(runShell(`set -eu\n${recordsNames(kubectl, ['api.example.org', '10.0.0.21']).text}`, fakes).status).toBe(0)
    expect(runShell(`set -eu\n${recordsNames(kubectl, ['api.example.org', '10.0.0.100']).text}`, fakes)).toMatchObject({ status: 1, stdout: 'kubeadm-config lacks 10.0.0.100\n' })
    expect(runShell(`set -eu\n${recordNames(kubectl, ['api.example.org', '10.0.0.100']).text}`, fakes).stderr).toBe('apiServer:\n  certSANs:\n  - 10.0.0.100\n  - api.example.org\n  - 10.0.0.21\napiVersion: kubeadm.k8s.io/v1beta4\n')
  })
})

describe('before anybody is sent to the new endpoint', () => {
  const until = (endpoint: object) => text(specOf(itemsOf(endpointReady, context('w1', endpoint)), 'wait-for', `the API is ready at ${'vip' in endpoint ? '10.0.0.100' : '10.0.0.21, 10.0.0.22'}`), 'until')
  test('it is asked by the name, at the new address', () => {
    expect(runShell(`set -eu\n${until(floating)}`, { curl: 'echo "$@" >&2' }).stderr).toContain('--connect-to ::10.0.0.100:6443 https://api.example.org:6443/readyz')
  })
  test('every address of the name has to answer', () => {
    const fakes = { curl: 'case $* in *10.0.0.22*) exit 7 ;; esac' }
    expect(runShell(`set -eu\n${until({ strategy: 'dns-round-robin', name })}`, fakes).status).not.toBe(0)
  })
})

describe('pods with an old copy of /etc/hosts', () => {
  test('are started anew where a DaemonSet owns them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ts-play-pods-'))
    try {
      const copies = { proxy: '10.0.0.21 api.example.org', static: '10.0.0.21 api.example.org', fresh: '10.0.0.100 api.example.org', own: '10.244.0.5 web' }
      for (const [uid, line] of Object.entries(copies)) {
        mkdirSync(join(folder, uid))
        writeFileSync(join(folder, uid, 'etc-hosts'), `127.0.0.1 localhost\n${line}\n`)
      }
      const listed = ['proxy DaemonSet kube-system kube-proxy-x', 'static Node kube-system kube-apiserver-cp1', 'fresh DaemonSet kube-flannel flannel-x', 'own ReplicaSet default web'].map(line => `echo ${line}`).join('; ')
      const fakes = { kubectl: `case $* in *' get '*) ${listed} ;; *delete*) echo "$@" >&2; rm -r ${folder}/proxy ;; esac` }
      const spec = specOf(itemsOf(endpointUsers, context('w1', floating)), 'command', 'pods of the host’s network know the endpoint where it is')
      const on = (key: string) => runShell(`set -eu\n${text(spec, key).replaceAll('/var/lib/kubelet/pods', folder)}`, fakes)
      expect(on('unless').status).toBe(1)
      const ran = on('run')
      expect(ran.stderr.match(/delete pod .*/g)).toEqual(['delete pod --namespace kube-system kube-proxy-x'])
      expect(on('unless').status).toBe(0)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
  test('its shell can be read', () => {
    const spec = specOf(itemsOf(endpointUsers, context('w1', local)), 'command', 'pods of the host’s network know the endpoint where it is')
    expect([text(spec, 'run'), text(spec, 'unless')].map(syntaxError)).toEqual([undefined, undefined])
  })
})

describe('what the endpoint was before', () => {
  const both = { ours: ['haproxy', 'keepalived'] }
  const ends = (host: string, endpoint: object, facts: object = both): string[] => shown(itemsOf(endpointLeftovers, context(host, endpoint, facts)))
  test('ends on hosts that have no part in it any more', () => {
    expect(ends('lb1', kubeVip)).toEqual(['service keepalived.service', 'service haproxy.service'])
    expect(ends('cp1', floating)).toEqual(['file /etc/kubernetes/manifests/kube-vip.yaml', 'service keepalived.service', 'service haproxy.service'])
    expect(ends('w1', local)).toEqual(['service keepalived.service'])
  })
  test('stays where it is what the endpoint is now', () => {
    expect(ends('lb1', floating)).toEqual([])
    expect(ends('cp1', kubeVip, { ours: [] })).toEqual([])
  })
  test('stays where it is somebody else’s', () => {
    expect(ends('w1', kubeVip, { ours: [] })).toEqual([])
  })
})
