import type { Event } from '../../../engine/model/event.ts'
import { absent, changed, failed, hidden, label, modifies, ok, Recording, ROOT, text, value } from './recording.ts'

const MASTERS = ['m1', 'm2', 'm3']
const WORKERS = ['w1', 'w2']
const LB = ['lb1', 'lb2']

const containerd = label('package', 'containerd', 14)
const config = label('file', '/etc/containerd/config.toml', 16)
const forwarding = label('sysctl', 'net.ipv4.ip_forward', 21)
const restart = label('service', 'containerd', 9, { handler: true, title: 'restart containerd' })
const haproxyCfg = label('file', '/etc/haproxy/haproxy.cfg', 18, { role: 'loadbalancer' })
const keepalivedAuth = label('file', '/etc/keepalived/auth', 25, { role: 'loadbalancer' })
const init = label('command', 'kubeadm init', 31, { role: 'first-master', title: 'initialise the cluster' })
const swap = label('command', 'swapoff -a', 24)

const TOML_BEFORE = 'version = 2\n\n[plugins."io.containerd.grpc.v1.cri"]\n  sandbox_image = "registry.k8s.io/pause:3.8"\n  SystemdCgroup = false\n'
const TOML_AFTER = TOML_BEFORE.replace('pause:3.8', 'pause:3.10').replace('false', 'true')
const HAPROXY = ['global', '  log /dev/log local0', ...Array.from({ length: 78 }, (_, line) => `  server m${line} 10.0.0.${line}:6443 check`)].join('\n')

/** Seven hosts on the way to a cluster: one is unreachable, the first master fails, and the joins are blocked by it. */
export function failingRun(): readonly Event[] {
  const run = new Recording().start('run', { prereqs: [...MASTERS, ...WORKERS], loadbalancer: LB, 'first-master': MASTERS, 'control-plane-join': MASTERS, 'worker-join': WORKERS })
  for (const [index, host] of [...MASTERS, 'w1'].entries()) prepare(run.goto(5 + index), host, 6200 + 430 * index)
  for (const host of LB) balance(run.goto(9), host)
  run.goto(10).begin('prereqs', 'w2').goto(10_050).end('prereqs', 'w2', { type: 'unreachable', failed: failed({
    reason: 'unreachable', message: '10.0.0.22:22: no answer for 10 s', remedy: 'look whether the machine is up and its address in inventory/prod.yaml:31 is right',
  }, { play: 'prereqs', host: 'w2', line: 7 }) }, 10_040)
  run.end('worker-join', 'w2', { type: 'blocked', by: 'prereqs@w2' }, 0)
  initialise(run.goto(6830))
  for (const host of ['m2', 'm3']) run.goto(8000).begin('first-master', host).pass(20).end('first-master', host, { type: 'skipped', why: 'not elected' }, 20)
  run.goto(13_050).waiting('control-plane-join', 'm2', 'first-master@m1').waiting('control-plane-join', 'm3', 'first-master@m1').waiting('worker-join', 'w1', 'first-master@m1')
  run.goto(48_000)
  for (const host of MASTERS) run.end('control-plane-join', host, { type: 'blocked', by: 'first-master@m1' }, 0)
  run.end('worker-join', 'w1', { type: 'blocked', by: 'first-master@m1' }, 0)
  return run.finish(1)
}

/** kubeadm init fails, after 41 s of looking busy. */
function initialise(run: Recording): void {
  run.begin('first-master', 'm1').frame('first-master', 'm1', { purpose: 'probe', sections: 3, milliseconds: 51 }).taskStarted('first-master', 'm1', init)
  run.frame('first-master', 'm1', { purpose: 'apply', sections: 1, milliseconds: 41_000 })
  const failure = failed({
    reason: 'apply-failed', message: 'kubeadm init ended with status 1', status: 1, stdout: '[init] Using Kubernetes version: v1.34.2\n',
    stderr: [...Array.from({ length: 14 }, (_, line) => `[preflight] line ${line + 1}`), 'error: \u001b[31mport 10250 is in use\u001b[0m', ''].join('\n'),
    remedy: 'free the port (ss -ltnp sport = :10250 on m1), then run the same command again',
  }, { play: 'first-master', host: 'm1', task: init })
  run.task('first-master', 'm1', { task: init, outcome: { type: 'failed', failure: failure.failure, ignored: undefined }, milliseconds: 41_000 })
  run.end('first-master', 'm1', { type: 'failed', failed: failure }, 41_060)
}

function prepare(run: Recording, host: string, download: number): void {
  run.begin('prereqs', host).pass(150).connected(host, 150)
  run.frame('prereqs', host, { purpose: 'facts', sections: 3, milliseconds: 52 }).frame('prereqs', host, { purpose: 'probe', sections: 12, milliseconds: 60 })
  run.taskStarted('prereqs', host, containerd).frame('prereqs', host, { purpose: 'apply', sections: 2, milliseconds: download })
  run.task('prereqs', host, { task: containerd, outcome: changed(modifies('version', absent, value('2.1.4'))), milliseconds: download })
  run.taskStarted('prereqs', host, config).frame('prereqs', host, { purpose: 'apply', sections: 3, milliseconds: 55 })
  run.task('prereqs', host, { task: config, outcome: changed(modifies('content', text(TOML_BEFORE), text(TOML_AFTER)), modifies('mode', value('0644'), value('0600'))), milliseconds: 55 })
  run.notified('prereqs', host, 'restart containerd')
  run.task('prereqs', host, { task: forwarding, outcome: ok })
  run.task('prereqs', host, { task: swap, outcome: { type: 'skipped', why: 'when: no swap is active' } })
  run.taskStarted('prereqs', host, restart).frame('prereqs', host, { purpose: 'apply', sections: 2, milliseconds: 300 })
  run.task('prereqs', host, { task: restart, outcome: { type: 'changed', changes: [{ effect: 'runs', attribute: 'restart' }], verified: false }, milliseconds: 300 })
  run.pass(4).end('prereqs', host, { type: 'done' }, download + 621)
}

function balance(run: Recording, host: string): void {
  run.begin('loadbalancer', host).pass(140).connected(host, 140).frame('loadbalancer', host, { purpose: 'probe', sections: 4, milliseconds: 48 })
  run.taskStarted('loadbalancer', host, haproxyCfg).frame('loadbalancer', host, { purpose: 'apply', sections: 2, milliseconds: 51 })
  run.task('loadbalancer', host, { task: haproxyCfg, outcome: changed(modifies('content', absent, text(HAPROXY)), modifies('mode', absent, value('0644'))), milliseconds: 51 })
  run.taskStarted('loadbalancer', host, keepalivedAuth).frame('loadbalancer', host, { purpose: 'apply', sections: 1, milliseconds: 51 })
  run.task('loadbalancer', host, { task: keepalivedAuth, outcome: changed(modifies('content', hidden, hidden)), milliseconds: 51 })
  run.end('loadbalancer', host, { type: 'done' }, 290)
}

export { ROOT }
