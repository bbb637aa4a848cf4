import { assert, byHost, command, file, flush, handler, Members, optional, role, service, sh, systemdUnit, type Command } from 'ts-play'
import { measureDisk, measurement } from '../etcd/disk.ts'
import { clientUrls, etcdDiskLimit, etcdExtraArgs, etcdTopology, peerUrl, unlessExternal } from '../kubernetes/etcd-topology.ts'
import { nodeAddressOf } from '../kubernetes/node-address.ts'
import { clusterName, etcdDataDirectory, nodeAddress } from '../kubernetes/variables.ts'
import { EtcdAuthority, EtcdRelease, EtcdSighting } from '../outputs.ts'
import { decide } from './decide.ts'
import { etcdIsWell } from './gate.ts'
import { attemptFile, initialFile, pki } from './places.ts'
import { certificates, prepare } from './prepare.ts'
import { etcdUnit } from './unit.ts'

export const restart = handler('restart etcd', service({ name: 'etcd', state: 'restarted' }))

/** What founders and later members read. */
export const memberVars = { etcd: etcdTopology, clusterName, nodeAddress, etcdDataDirectory, etcdExtraArgs, etcdDiskLimit }

/**
 * Begins a cluster of external etcd: all its members at once, as none of them is ready before a majority is. The same goes for a cluster that is whole and of which
 * no majority runs. Whoever comes to a running cluster is left to `etcd-member`.
 */
export const etcdBootstrap = role('etcd-bootstrap', {
  vars: memberVars,
  inputs: { sightings: byHost(EtcdSighting), members: Members, release: EtcdRelease, authority: optional(EtcdAuthority) },
  neededWhen: { authority: ({ host, inputs }) => inputs.sightings.get(host.name)?.ca === undefined },
  skip: ({ host, vars, inputs }) => {
    const { part } = decide(host.name, inputs.members, inputs.sightings)
    return unlessExternal(vars.etcd) ?? (part === 'member' || part === 'newcomer' ? 'there is a cluster' : undefined)
  },
  tasks: ({ host, vars, inputs }) => {
    const verdict = decide(host.name, inputs.members, inputs.sightings)
    if (verdict.part === 'refused' || vars.etcd.topology === 'stacked')
      return [assert({ name: 'it is certain what the host is', that: false, message: verdict.part === 'refused' ? verdict.reason : '', remedy: verdict.part === 'refused' ? verdict.remedy : '' })]
    const address = vars.nodeAddress ?? host.address
    const { sha256 } = vars.etcd.release
    const dataDirectory = vars.etcdDataDirectory
    const member = { host: host.name, address, etcd: vars.etcd, dataDirectory, release: inputs.release, authority: inputs.authority }
    return [
      ...prepare(member),
      ...certificates(member),
      ...(verdict.part === 'founder' ? [command({ name: 'measure the disk for etcd', run: measureDisk({ directory: dataDirectory, limit: vars.etcdDiskLimit }), creates: measurement })] : []),
      systemdUnit(
        { name: 'etcd', content: etcdUnit({ name: host.name, address, clusterName: vars.clusterName, dataDirectory, sha256, extraArgs: vars.etcdExtraArgs }) },
        // One that runs, alone and without a majority, is no use as it is.
        verdict.part === 'sleeper' ? { notify: [restart] } : {},
      ),
      service({ name: 'etcd', enabled: true }),
      flush(),
      command({
        name: verdict.part === 'founder' ? 'found the cluster' : 'start etcd',
        run: verdict.part === 'founder' ? found({ clusterName: vars.clusterName, cluster: inputs.members.map(member => `${member.name}=${peerUrl(nodeAddressOf(member))}`) }) : start,
        unless: sh`[ -d ${`${dataDirectory}/member`} ] && systemctl is-active etcd`,
      }),
      etcdIsWell({ sha256, expected: clientUrls(inputs.members.filter(({ name }) => inputs.sightings.has(name))) }),
      file({ path: initialFile, state: 'absent' }),
      file({ path: attemptFile, state: 'absent' }),
    ]
  },
})

/** Ready only when a majority is, so this waits for others that start at the same time. A unit that failed before is started anew. */
export const start = sh`
    systemctl reset-failed etcd 2>/dev/null || true
    systemctl start --no-block etcd
    tries=0
    until systemctl -q is-active etcd; do
      tries=$((tries + 1))
      [ $tries -lt 500 ] || { journalctl -q --no-pager -o cat -n 10 -u etcd >&2; exit 1; }
      sleep 1
    done`

/** The token is of the authority: two clusters of one inventory are still two, and do not talk to each other by mistake. */
function found({ clusterName: name, cluster }: { clusterName: string; cluster: readonly string[] }): Command {
  return sh`
    mkdir -p -m 700 /var/lib/ts-play
    : >${attemptFile}
    token=$(openssl x509 -in ${`${pki}/ca.crt`} -noout -pubkey | sha256sum | cut -c1-16)
    printf 'ETCD_INITIAL_CLUSTER=%s\\nETCD_INITIAL_CLUSTER_TOKEN=%s\\nETCD_INITIAL_CLUSTER_STATE=new\\n' ${cluster.join(',')} ${name}"-$token" >${initialFile}
    ${start}`
}
