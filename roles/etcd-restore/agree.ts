import { assert, byHost, directory, fact, file, Members, role, sh } from 'ts-play'
import { etcdTopology } from '../kubernetes/etcd-topology.ts'
import { StagedBackup } from '../outputs.ts'
import { workplace } from './workplace.ts'

/** SHA-256 of the cluster's authority, as it lies on a control plane. */
const authority = fact({
  name: 'cluster-authority-file',
  lifetime: 'volatile',
  query: sh`sha256sum </etc/kubernetes/pki/ca.crt 2>/dev/null || true`,
  parse: stdout => stdout.slice(0, 64),
})

/**
 * Before anything stands still: that all members go back to the same backup, and together. Where etcd is external its hosts have the backup and know nothing of
 * Kubernetes: a control plane says whether it is of this cluster, and goes along with it. What it has done is known by the same sum as theirs.
 */
export const agree = role('etcd-restore-agree', {
  tags: ['etcd-restore'],
  vars: { etcd: etcdTopology },
  facts: { authority },
  inputs: { staged: byHost(StagedBackup), controlPlanes: Members, etcdHosts: Members },
  tasks: ({ host, vars, facts, inputs }) => {
    const external = vars.etcd.topology === 'external'
    const staged = [...inputs.staged.values()]
    const sums = new Set(staged.map(({ sum }) => sum))
    const [sum = ''] = sums
    const without = (external ? inputs.etcdHosts : inputs.controlPlanes).filter(({ name }) => !inputs.staged.has(name)).map(({ name }) => name)
    const inState = (wanted: StagedBackup['state']): readonly string[] => [...inputs.staged].filter(([, { state }]) => state === wanted).map(([name]) => name)
    const [restored, unpacked] = [inState('restored'), inState('unpacked')]
    const [other] = staged.filter(each => each.authority !== '' && facts.authority !== '' && each.authority !== facts.authority)
    return [
      assert({
        name: 'every member has the same backup',
        that: without.length === 0 && sums.size === 1,
        message: without.length > 0 ? `${without.join(', ')} has not got the backup` : 'the members of etcd have different backups',
        remedy: 'see why the play etcd-restore-unpack failed there, or take a host that is gone out of the inventory',
      }),
      assert({
        name: 'the backup is of this cluster',
        that: other === undefined,
        message: `the certificate authority in the backup is not that of ${host.name}: it is of another cluster, or of this one before it was made anew`,
        remedy: 'give a backup of this cluster; to bring back another cluster, put its pki/ in place first',
      }),
      assert({
        name: 'the members are restored together',
        that: sum === '' || restored.length === 0 || unpacked.length === 0,
        message: `${restored.join(', ')} went back to this backup before, and ${unpacked.join(', ')} did not: they would be two clusters`,
        remedy: `take a new backup and restore that; or, to go back to this one once more: rm ${workplace.done} ${workplace.placed} on ${restored.join(', ')}`,
      }),
      ...(sum === '' || !external ? [] : [
        directory({ path: '/var/lib/ts-play', mode: 0o700 }),
        directory({ path: workplace.folder, mode: 0o700 }),
        file({ path: workplace.staged, content: `${sum}\n`, mode: 0o600 }),
        // Its API server was there when etcd went back to the same backup before, and has to stand still once more.
        ...(unpacked.length === 0 ? [] : [file({ path: workplace.done, state: 'absent' })]),
      ]),
    ]
  },
})
