import { byHost, command, Members, optional, role, sh } from 'ts-play'
import { etcdTools } from '../kubernetes/etcd-tools.ts'
import { EtcdPeer } from '../outputs.ts'
import { progress } from './facts.ts'
import { peersOf, unlessMember } from './members.ts'
import { restoreVars } from './variables.ts'
import { workplace } from './workplace.ts'

/**
 * Puts the backup in the place of etcd's data, on every member while all of them stand still: the same snapshot, each as the member that it is.
 * The old data stays beside it as `member.before-…`.
 *
 * The revision is bumped beyond all that the old cluster can have given out, and everything before it marked as compacted: otherwise whoever watches
 * (kubelets, controllers, network plugins) would go on from revisions that mean something else now.
 *
 * @see https://etcd.io/docs/v3.6/op-guide/recovery/#restoring-with-revision-bump
 */
export const place = role('etcd-restore-place', {
  tags: ['etcd-restore'],
  vars: restoreVars,
  facts: { progress },
  inputs: { peers: optional(byHost(EtcdPeer)), etcdHosts: Members },
  neededWhen: { peers: ({ vars }) => vars.etcd.topology === 'stacked' },
  skip: ({ host, vars, facts, inputs }) => unlessMember(host.name, vars.etcd, inputs.etcdHosts) ?? (facts.progress.staged === facts.progress.done ? 'restored from this backup already' : undefined),
  tasks: ({ host, vars, inputs }) => {
    const data = vars.etcdDataDirectory
    const fresh = `${data}/.ts-play-restored`
    const peers = peersOf(vars.etcd, inputs.etcdHosts, inputs.peers)
    const own = peers.get(host.name)
    const cluster = [...peers.values()].map(({ name, url }) => `${name}=${url}`).join(',')
    return [
      command({
        name: 'put the backup in the place of etcd’s data',
        run: sh`
    umask 077
    mkdir -p ${data}
    rm -rf ${fresh}
    set -- --bump-revision 1000000000 --mark-compacted
    if [ -e ${`${workplace.backup}/without-hash`} ]; then
      # Copied anew now that nothing writes to it.
      if [ -e ${`${data}/member/snap/db`} ]; then cp ${`${data}/member/snap/db`} ${`${workplace.backup}/snapshot.db`}; fi
      set -- "$@" --skip-hash-check
    fi
    ${etcdTools}/etcdutl snapshot restore ${`${workplace.backup}/snapshot.db`} --data-dir ${fresh} --name ${own?.name ?? ''} --initial-cluster ${cluster} \\
      --initial-advertise-peer-urls ${own?.url ?? ''} --initial-cluster-token "restored-$(cut -c 1-16 ${workplace.staged})" "$@" >/dev/null
    ${vars.etcd.topology === 'external' ? sh`chown -R etcd:etcd ${fresh}` : sh``}
    if [ -e ${`${data}/member`} ]; then mv ${`${data}/member`} ${data}/member.before-"$(date -u +%Y%m%dT%H%M%SZ)"; fi
    mv ${`${fresh}/member`} ${`${data}/member`}
    rm -rf ${fresh}
    sync ${data}
    cp ${workplace.staged} ${workplace.placed}`,
        unless: sh`cmp -s ${workplace.staged} ${workplace.placed} && [ -e ${`${data}/member`} ]`,
      }),
    ]
  },
})
