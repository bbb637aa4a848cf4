import { command, Members, role, waitFor } from 'ts-play'
import { certificateNames } from '../kubernetes/certificate-names.ts'
import { addressOf, endpoint as schema } from '../kubernetes/endpoint.ts'
import { etcdIsHealthy } from '../kubernetes/etcd-health.ts'
import { etcdTopology } from '../kubernetes/etcd-topology.ts'
import { localKubectl } from '../kubernetes/kubectl.ts'
import { nodeAddressOf } from '../kubernetes/node-address.ts'
import { isRecorded } from '../kubernetes/recorded-endpoint.ts'
import { bindPort, nodeAddress, serviceSubnet } from '../kubernetes/variables.ts'
import { issueCertificate, recordNames, recordsNames, servesNames } from './serving.ts'

/**
 * Every API server is believed under every name and address that clients may come to use, before they do. Played with `serial: 1`: one API server at a time. The name
 * and port of a living cluster are not for changing: they are in every kubeconfig on every machine.
 */
export const apiCertificate = role('api-certificate', {
  vars: { endpoint: schema, bindPort, nodeAddress, serviceSubnet, etcd: etcdTopology },
  inputs: { controlPlanes: Members, balancers: Members },
  tasks: ({ host, vars, inputs }) => {
    const { name, port } = vars.endpoint
    const address = vars.nodeAddress ?? host.address
    const kubectl = localKubectl(address, vars.bindPort)
    const names = certificateNames({ endpoint: { name, port, address: addressOf(vars.endpoint) }, ...inputs })
    const served = { names, address, bindPort: vars.bindPort }
    return [
      isRecorded({ name, port, kubectl }),
      ...(vars.etcd.topology === 'stacked' ? [waitFor({ name: 'etcd is healthy', until: etcdIsHealthy(inputs.controlPlanes.map(each => `https://${nodeAddressOf(each)}:2379`)), timeout: 120_000, every: 2000, attempt: 30_000 })] : []),
      command({ name: 'the names are in kubeadm-config', run: recordNames(kubectl, names), unless: recordsNames(kubectl, names) }),
      command({
        name: 'kube-apiserver is believed under every name of the endpoint',
        run: issueCertificate({ ...served, endpoint: `${name}:${port}`, serviceSubnet: vars.serviceSubnet }),
        unless: servesNames(served),
      }),
    ]
  },
})
