import { command, directory, pkg, role, sh } from 'ts-play'
import { etcdClientFiles, etcdClientFolder } from '../kubernetes/etcd-client.ts'
import { etcdTopology, unlessExternal } from '../kubernetes/etcd-topology.ts'
import { EtcdRequest } from '../outputs.ts'

const csr = `${etcdClientFolder}/client.csr`

/** What a control plane shows to external etcd: its key is made here and stays here, and a request for a certificate goes to a host that has etcd's authority. */
export const etcdRequest = role('etcd-request', {
  vars: { etcd: etcdTopology },
  outputs: { request: EtcdRequest },
  skip: ({ vars }) => unlessExternal(vars.etcd),
  tasks: ({ host }) => [
    pkg({ name: ['openssl', 'curl', 'ca-certificates'] }),
    directory({ path: '/etc/kubernetes', mode: 0o755 }),
    directory({ path: etcdClientFolder, mode: 0o700 }),
    command({
      name: 'make a key for etcd',
      creates: [etcdClientFiles.keyFile, csr],
      run: sh`
      umask 077
      openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -sha256 -nodes -subj ${`/CN=kube-apiserver ${host.name}`} -keyout ${`${csr}.key`} -out ${`${csr}.new`} 2>/dev/null
      mv ${`${csr}.key`} ${etcdClientFiles.keyFile}
      mv ${`${csr}.new`} ${csr}`,
    }),
  ],
  produce: {
    request: async ({ on }) => ({ csr: await on.query(sh`cat ${csr}`) }),
  },
})
