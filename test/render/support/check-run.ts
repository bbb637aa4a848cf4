import type { Event } from '../../../engine/model/event.ts'
import { absent, hidden, label, modifies, ok, Recording, text, value, wouldChange } from './recording.ts'

const MASTERS = ['m1', 'm2', 'm3']
const config = label('file', '/etc/containerd/config.toml', 16)
const swap = label('command', 'swapoff -a', 24)
const wait = label('wait-for', 'port 6443', 40, { role: 'first-master' })
const token = label('file', '/etc/kubernetes/bootstrap', 44, { role: 'first-master' })
const wipe = label('directory', '/var/lib/etcd', 12, { role: 'etcd' })
const restart = label('service', 'containerd', 9, { handler: true, title: 'restart containerd' })

/** Check mode on a cluster that drifted: known differences, unknowns with their reasons, a destroy that nobody permitted. */
export function checkRun(): readonly Event[] {
  const run = new Recording().start('check', { prereqs: MASTERS, etcd: MASTERS, 'first-master': ['m1'], 'worker-join': ['w1'] })
  for (const host of [...MASTERS, 'w1']) run.pass(3).connected(host, 140)
  for (const host of MASTERS) {
    run.begin('prereqs', host).frame('prereqs', host, { purpose: 'probe', sections: 9, milliseconds: 55 })
    run.task('prereqs', host, { task: config, outcome: host === 'm2' ? wouldChange(modifies('content', text('a = 1\nb = 2\nc = 3\n'), text('a = 1\nb = 4\nc = 3\n')), modifies('mode', value('0644'), value('0600'))) : ok })
    run.task('prereqs', host, { task: swap, outcome: { type: 'unknown', why: 'a command without a guard', changes: [{ effect: 'runs', attribute: 'swapoff -a' }] } })
    if (host === 'm2') run.task('prereqs', host, { task: restart, outcome: wouldChange({ effect: 'runs', attribute: 'restart' }) })
    run.end('prereqs', host)
  }
  run.begin('etcd', 'm3').task('etcd', 'm3', { task: wipe, outcome: wouldChange(
    modifies('owner', value('root'), value('etcd')),
    { effect: 'destroys', attribute: 'data', from: value('412 MB of a foreign member'), to: absent, permitted: false, because: 'the directory belongs to another cluster (id 8e9e05c52164694d)' },
  ) }).end('etcd', 'm3')
  for (const host of ['m1', 'm2']) run.begin('etcd', host).task('etcd', host, { task: wipe, outcome: ok }).end('etcd', host)
  run.begin('first-master', 'm1')
  run.task('first-master', 'm1', { task: token, outcome: wouldChange(modifies('content', hidden, hidden), modifies('group', absent, value('kube'))) })
  run.task('first-master', 'm1', { task: wait, outcome: { type: 'unknown', why: 'blocked by file /etc/kubernetes/bootstrap', changes: [{ effect: 'waits', attribute: 'port 6443 to answer' }] } })
  run.end('first-master', 'm1')
  run.end('worker-join', 'w1', { type: 'unknown', why: 'waits for first-master@m1 (output worker): minted outputs are not made in check mode' }, 0)
  return run.finish(3)
}
