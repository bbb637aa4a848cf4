import { command, Members, role, service, sh } from 'ts-play'
import { start } from '../external-etcd/bootstrap.ts'
import { etcdIsWell } from '../external-etcd/gate.ts'
import { clientUrls, unlessExternal } from '../kubernetes/etcd-topology.ts'
import { progress } from './facts.ts'
import { restoreVars } from './variables.ts'
import { workplace } from './workplace.ts'

/** Starts external etcd on all its hosts at once, as none is ready before a majority is; nothing talks to it before every member is well. */
export const startMember = role('etcd-restore-start-member', {
  tags: ['etcd-restore'],
  vars: { etcd: restoreVars.etcd },
  facts: { progress },
  inputs: { etcdHosts: Members },
  skip: ({ vars, facts }) => unlessExternal(vars.etcd) ?? (facts.progress.staged === facts.progress.done ? 'restored from this backup already' : undefined),
  tasks: ({ vars, inputs }) => [
    service({ name: 'etcd', enabled: true }),
    command({ name: 'start etcd', run: start, unless: sh`systemctl is-active etcd`, timeout: 10 * 60_000 }),
    ...(vars.etcd.topology === 'external' ? [etcdIsWell({ sha256: vars.etcd.release.sha256, expected: clientUrls(inputs.etcdHosts) })] : []),
    command({ name: 'note that it is restored', run: sh`cp ${workplace.staged} ${workplace.done} && rm -rf ${workplace.backup}`, unless: sh`cmp -s ${workplace.staged} ${workplace.done}` }),
  ],
})
