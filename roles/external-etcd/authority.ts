import { assert, byHost, command, directory, Members, pkg, role, Secret, sh } from 'ts-play'
import { etcdTopology, unlessExternal } from '../kubernetes/etcd-topology.ts'
import { clusterName } from '../kubernetes/variables.ts'
import { EtcdAuthority, EtcdSighting } from '../outputs.ts'
import { decide, type Sightings } from './decide.ts'
import { pki } from './places.ts'

/**
 * The certificate authority of etcd. Whoever of the hosts has it hands it on; only where nobody has it, and a cluster is going to be founded, the first one makes
 * it. Every member has its key, as with stacked etcd: so any of them may die, and each signs its own certificates without anybody's help.
 */
export const etcdAuthority = role('etcd-authority', {
  vars: { etcd: etcdTopology, clusterName },
  inputs: { sightings: byHost(EtcdSighting), members: Members },
  outputs: { authority: EtcdAuthority },
  skip: ({ host, vars, inputs }) => unlessExternal(vars.etcd) ?? (host.name === authorityHost(inputs.members.map(({ name }) => name), inputs.sightings) ? undefined : 'not elected'),
  tasks: ({ host, vars, inputs }) => {
    const verdict = decide(host.name, inputs.members, inputs.sightings)
    const has = inputs.sightings.get(host.name)?.ca !== undefined
    return [
      assert({
        name: 'it is certain that there is no other certificate authority',
        that: has || verdict.part === 'founder',
        message: verdict.part === 'refused' ? verdict.reason : `no host of the group etcd has /etc/etcd/pki/ca.key, and there is a cluster`,
        remedy: verdict.part === 'refused' ? verdict.remedy : 'put ca.crt and ca.key of that cluster there',
      }),
      pkg({ name: ['openssl', 'curl', 'ca-certificates'] }),
      directory({ path: '/etc/etcd', mode: 0o755 }),
      directory({ path: pki, mode: 0o755 }),
      command({
        name: 'make etcd’s certificate authority',
        creates: [`${pki}/ca.crt`, `${pki}/ca.key`],
        run: sh`
        umask 077
        work=$(mktemp -d -p ${pki} .new.XXXXXX)
        trap 'rm -rf "$work"' EXIT
        trap 'exit 130' HUP INT TERM
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -sha256 -nodes -days 3650 -subj ${`/CN=etcd-ca ${vars.clusterName}`} -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign -keyout "$work/ca.key" -out "$work/ca.crt" 2>/dev/null
        chmod 644 "$work/ca.crt"
        mv "$work/ca.key" ${`${pki}/ca.key`}
        mv "$work/ca.crt" ${`${pki}/ca.crt`}`,
      }),
    ]
  },
  produce: {
    authority: async ({ on }) => ({ certificate: await on.query(sh`cat ${`${pki}/ca.crt`}`), key: new Secret(await on.query(sh`cat ${`${pki}/ca.key`}`)) }),
  },
})

/** The first that has it, or the first that could be asked where nobody has. */
export function authorityHost(order: readonly string[], sightings: Sightings): string | undefined {
  return order.find(name => sightings.get(name)?.ca !== undefined) ?? order.find(name => sightings.has(name))
}
