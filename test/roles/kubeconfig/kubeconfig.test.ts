import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Secret } from '../../../engine/index.ts'
import { kubeconfigFile } from '../../../roles/kubeconfig/kubeconfig-file.ts'
import { serverOf, type Choice } from '../../../roles/kubeconfig/server.ts'
import { withServer } from '../../../roles/kubeconfig/with-server.ts'
import { obeysTheLaws } from '../../resources/support/laws.ts'
import { caHashOfPem, caPem, clientPem } from '../support/certificates.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const server = 'https://10.0.0.100:6443'

/** As kubeadm writes it; `serial` stands for the certificate of another control plane's administrator. */
const kubeconfig = ({ ca = caPem, client = clientPem, at = server, key = 'one' } = {}): string => `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${base64(ca)}
    server: ${at}
  name: kubernetes
users:
- name: kubernetes-admin
  user:
    client-certificate-data: ${base64(client)}
    client-key-data: ${base64(key)}
`
const content = kubeconfig({ key: 'two' })
const path = (folder: string): string => join(folder, 'lab.conf')
const arrange = (text: string, mode = 0o600) => (folder: string): void => {
  writeFileSync(path(folder), text)
  chmodSync(path(folder), mode)
}
const task = (folder: string) => kubeconfigFile({ path: path(folder), content: new Secret(content), server, ca: caHashOfPem })
const isOurs = (folder: string): void => {
  expect(readFileSync(path(folder), 'utf8')).toBe(content)
  expect(statSync(path(folder)).mode & 0o777).toBe(0o600)
}

obeysTheLaws('kubeconfig', [
  { given: 'nothing', task, differs: ['content', 'mode'], afterwards: isOurs },
  { given: 'the way into the same cluster by another control plane’s certificate', arrange: arrange(kubeconfig()), task, differs: [], afterwards: folder => expect(readFileSync(path(folder), 'utf8')).toBe(kubeconfig()) },
  { given: 'another server of the same cluster', arrange: arrange(kubeconfig({ at: 'https://10.0.0.9:6443' })), task, differs: ['server'], afterwards: isOurs },
  { given: 'a mode that lets others read', arrange: arrange(kubeconfig(), 0o644), task, differs: ['mode'], afterwards: isOurs },
  { given: 'a certificate that cannot be read', arrange: arrange(kubeconfig({ client: 'rubbish' })), task, differs: ['certificate'], afterwards: isOurs },
  { given: 'the way into another cluster', arrange: arrange(kubeconfig({ ca: clientPem })), task, differs: ['credentials of another cluster', 'content'], afterwards: isOurs },
  { given: 'something that is no kubeconfig', arrange: arrange('hello\n'), task, differs: ['credentials of another cluster', 'content'], afterwards: isOurs },
])

describe('where the API is reached from outside', () => {
  const controlPlanes = [{ name: 'm1', address: '10.0.0.21', vars: {} }, { name: 'm2', address: '192.0.2.22', vars: { nodeAddress: '10.0.0.22' } }]
  const cluster = { name: 'kubernetes', version: 'v1.34.10', ca: 'sha256:ours', servedBy: 'm2' }
  const from = (choice: Partial<Choice>, { address, port }: { address?: string; port: number } = { address: '10.0.0.100', port: 6443 }): string =>
    serverOf({ endpoint: { name: 'api.example.org', address, port }, strategy: 'haproxy+keepalived', cluster, controlPlanes, bindPort: 6443, by: 'name', ...choice })
  test('is its name, or its address where the controller has no DNS for it', () => {
    expect([from({}), from({ by: 'address' })]).toEqual(['https://api.example.org:6443', 'https://10.0.0.100:6443'])
  })
  test('is a control plane where no address is everybody’s', () => {
    expect(from({ strategy: 'dns-round-robin' }, { port: 6443 })).toBe('https://api.example.org:6443')
    expect(from({ strategy: 'dns-round-robin', by: 'address' }, { port: 6443 })).toBe('https://10.0.0.22:6443')
  })
  test('is a control plane’s own port where nodes have balancers of their own', () => {
    expect(from({ strategy: 'local' }, { port: 6444 })).toBe('https://10.0.0.22:6443')
  })
})

describe('the server of a kubeconfig', () => {
  test('is replaced, and nothing else', () => {
    const changed = withServer(new Secret(kubeconfig({ at: 'https://api.example.org:6443' })), server)
    expect(Secret.reveal(changed)).toBe(kubeconfig())
  })
  test('takes characters that mean something to a replacement as they are', () => {
    expect(Secret.reveal(withServer(new Secret('    server: x\n'), 'https://$&:1'))).toBe('    server: https://$&:1\n')
  })
})
