import { assert, byHost, command, file, flush, Members, optional, role, service, sh, systemdUnit, type Item } from 'ts-play'
import { measureDisk, measurement } from '../etcd/disk.ts'
import { clientUrl, clientUrls, peerUrl, unlessExternal } from '../kubernetes/etcd-topology.ts'
import { nodeAddressOf } from '../kubernetes/node-address.ts'
import { EtcdAuthority, EtcdRelease, EtcdSighting } from '../outputs.ts'
import { memberVars, restart } from './bootstrap.ts'
import { decide } from './decide.ts'
import { etcdIsWell } from './gate.ts'
import { joinAsLearner, isListed, isVoter, promote } from './join.ts'
import { attemptFile, initialFile } from './places.ts'
import { certificates, prepare } from './prepare.ts'
import { staleMembers } from './stale.ts'
import { etcdUnit } from './unit.ts'

/**
 * Keeps a member of a running cluster as the inventory wants it, or brings a new one in: as a learner, which is promoted when it has everything, so that the majority
 * never depends on a member that still has to learn. Played with `serial: 1`, and each turn begins and ends with an etcd that is well.
 */
export const etcdMember = role('etcd-member', {
  vars: memberVars,
  inputs: { sightings: byHost(EtcdSighting), members: Members, release: EtcdRelease, authority: optional(EtcdAuthority) },
  neededWhen: { authority: ({ host, inputs }) => inputs.sightings.get(host.name)?.ca === undefined },
  skip: ({ host, vars, inputs }) => {
    const { part } = decide(host.name, inputs.members, inputs.sightings)
    return unlessExternal(vars.etcd) ?? (part === 'founder' || part === 'sleeper' ? 'began with the others' : undefined)
  },
  tasks: ({ host, vars, inputs }) => {
    const { members, sightings, release, authority } = inputs
    const verdict = decide(host.name, members, sightings)
    if (verdict.part === 'refused' || vars.etcd.topology === 'stacked')
      return [assert({ name: 'it is certain what the host is', that: false, message: verdict.part === 'refused' ? verdict.reason : '', remedy: verdict.part === 'refused' ? verdict.remedy : '' })]
    const { etcd, clusterName, etcdDataDirectory: dataDirectory, etcdExtraArgs: extraArgs } = vars
    const address = vars.nodeAddress ?? host.address
    const { sha256 } = etcd.release
    const asked = members.filter(({ name }) => sightings.has(name))
    const unit = etcdUnit({ name: host.name, address, clusterName, dataDirectory, sha256, extraArgs })
    const member = { host: host.name, address, etcd, dataDirectory, release, authority }
    const running = (name: string): boolean => sightings.get(name)?.members !== undefined
    const gate = etcdIsWell({ sha256, expected: clientUrls(asked.filter(({ name }) => name === host.name || running(name))) })
    const end: Item[] = [
      gate,
      file({ path: initialFile, state: 'absent' }),
      file({ path: attemptFile, state: 'absent' }),
    ]
    if (verdict.part !== 'newcomer')
      return [
        ...prepare(member),
        // One that does not run is what this turn is for.
        ...(running(host.name) ? [gate] : []),
        ...certificates(member),
        systemdUnit({ name: 'etcd', content: unit }, { notify: [restart] }),
        service({ name: 'etcd', state: 'running', enabled: true }),
        flush(),
        ...end,
      ]
    const through = members.filter(({ name }) => verdict.through.includes(name)).map(member => clientUrl(nodeAddressOf(member)))
    const joining = { name: host.name, address, sha256, through }
    return [
      ...prepare(member),
      ...certificates(member),
      ...(sightings.get(host.name)?.data === true ? [] : [command({ name: 'measure the disk for etcd', run: measureDisk({ directory: dataDirectory, limit: vars.etcdDiskLimit }), creates: measurement })]),
      systemdUnit({ name: 'etcd', content: unit }),
      service({ name: 'etcd', enabled: true }),
      staleMembers({ host: host.name, own: peerUrl(address), data: sightings.get(host.name)?.data ?? false, expected: members.map(member => peerUrl(nodeAddressOf(member))), sha256, through }),
      command({
        name: 'join etcd as a learner',
        run: joinAsLearner(joining),
        unless: sh`[ -d ${`${dataDirectory}/member`} ] && systemctl is-active etcd && ${isListed(joining)}`,
        timeout: 15 * 60_000,
      }),
      command({ name: 'promote the learner to a voter', run: promote(joining), unless: isVoter(joining), timeout: 15 * 60_000 }),
      ...end,
    ]
  },
})
