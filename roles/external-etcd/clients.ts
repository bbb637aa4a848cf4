import { byHost, command, directory, Members, role, sh, type Task } from 'ts-play'
import { etcdTopology, unlessExternal } from '../kubernetes/etcd-topology.ts'
import { EtcdClients, EtcdRequest, EtcdSighting } from '../outputs.ts'
import { clientExtensions, sign } from './certificate.ts'
import type { Sightings } from './decide.ts'
import { clientFolder as folder, pki } from './places.ts'

/** Signs what control planes ask for, on one host of the group `etcd`. Certificates that end soon are signed anew; the key stays its host's. */
export const etcdClients = role('etcd-clients', {
  vars: { etcd: etcdTopology },
  inputs: { sightings: byHost(EtcdSighting), members: Members, requests: byHost(EtcdRequest) },
  outputs: { clients: EtcdClients },
  skip: ({ host, vars, inputs }) => unlessExternal(vars.etcd) ?? (host.name === signer(inputs.members.map(({ name }) => name), inputs.sightings) ? undefined : 'another one signs'),
  tasks: ({ vars, inputs }) => {
    if (vars.etcd.topology === 'stacked') return []
    const { certificateDays: days, renewBefore } = vars.etcd
    return [directory({ path: folder, mode: 0o755 }), ...[...inputs.requests].map(([name, { csr }]) => signFor({ name, csr, days, renewBefore }))]
  },
  produce: {
    clients: async ({ on }) => parseClients(await on.query(sh`cd ${folder} && for file in ../ca.crt *.crt; do echo "==> $file"; cat "$file"; done`)),
  },
})

/** Who has signed before goes on, so that nobody gets another certificate for no reason; else a member that runs, so that one which cannot join stops nobody. */
export function signer(order: readonly string[], sightings: Sightings): string | undefined {
  const running = order.filter(name => sightings.get(name)?.members !== undefined)
  return running.find(name => sightings.get(name)?.signs) ?? running[0] ?? order.find(name => sightings.has(name))
}

/** Signed for the name that the host has in the inventory, and for no other. */
function signFor({ name, csr, days, renewBefore }: { name: string; csr: string; days: number; renewBefore: number }): Task {
  const file = `${folder}/${name}.crt`
  const request = sh`printf '%s' ${csr}`
  return command({
    name: `sign the certificate of ${name}`,
    run: sh`
    umask 077
    work=$(mktemp -d -p ${pki} .new.XXXXXX)
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' HUP INT TERM
    ${request} >"$work/csr"
    subject=$(openssl req -in "$work/csr" -verify -noout -subject -nameopt RFC2253 2>/dev/null)
    [ "$subject" = ${`subject=CN=kube-apiserver ${name}`} ] || { echo ${`${name} asks for the certificate of somebody else:`} "$subject" >&2; exit 1; }
    ${sign({ from: sh`"$work/csr"`, to: sh`"$work/crt"`, extensions: clientExtensions, days, work: sh`"$work"` })}
    chmod 644 "$work/crt"
    mv "$work/crt" ${file}`,
    unless: sh`
    openssl verify -CAfile ${`${pki}/ca.crt`} ${file}
    openssl x509 -in ${file} -noout -checkend ${renewBefore * 86_400}
    [ "$(openssl x509 -in ${file} -noout -pubkey)" = "$(${request} | openssl req -noout -pubkey)" ]`,
  })
}

export function parseClients(printed: string): EtcdClients {
  const files = printed.split(/^==> /m).slice(1).map(part => {
    const end = part.indexOf('\n')
    return [part.slice(0, end).replace(/\.crt$/, ''), part.slice(end + 1)] as const
  })
  const [authority, ...certificates] = files
  if (authority?.[0] !== '../ca') throw new Error(`${pki} lacks ca.crt`)
  return { authority: authority[1], certificates: Object.fromEntries(certificates) }
}
