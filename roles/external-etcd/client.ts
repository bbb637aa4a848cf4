import { assert, byHost, file, Members, role, sh, waitFor } from 'ts-play'
import { etcdClientFiles } from '../kubernetes/etcd-client.ts'
import { clientUrls, etcdTopology, unlessExternal } from '../kubernetes/etcd-topology.ts'
import { EtcdClients } from '../outputs.ts'

/**
 * What kube-apiserver knows external etcd by, before kubeadm makes it: etcd's authority, and this host's own certificate. kube-apiserver reads both anew for every
 * connection, so a renewed one takes no restart.
 */
export const etcdClient = role('etcd-client', {
  vars: { etcd: etcdTopology },
  inputs: { clients: byHost(EtcdClients), members: Members },
  skip: ({ vars }) => unlessExternal(vars.etcd),
  tasks: ({ host, inputs }) => {
    const [signed] = [...inputs.clients.values()]
    const certificate = signed?.certificates[host.name]
    const { caFile, certFile, keyFile } = etcdClientFiles
    if (signed === undefined || certificate === undefined)
      return [assert({ name: 'etcd’s authority has signed for it', that: false, message: `no host of the group etcd has signed a certificate for ${host.name}`, remedy: 'see why the plays etcd-survey and etcd-clients failed there' })]
    return [
      file({ path: caFile, content: signed.authority, mode: 0o644 }),
      file({ path: certFile, content: certificate, mode: 0o644 }),
      waitFor({
        name: 'etcd answers this host',
        until: sh`
        for url in ${clientUrls(inputs.members)}; do
          case $(curl -fsS --max-time 5 --cacert ${caFile} --cert ${certFile} --key ${keyFile} "$url/health") in *'"health":"true"'*) exit 0 ;; esac
        done
        exit 1`,
        timeout: 120_000,
      }),
    ]
  },
})
