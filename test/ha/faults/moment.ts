import { setTimeout as pause } from 'node:timers/promises'
import type { Finished } from '../../lab/support/ts-play.ts'
import type { Site } from './site.ts'

/** A place in an install at which a host is struck: by what happens, not by the clock. */
export interface Moment {
  readonly what: string
  /** A task of the host has begun whose title this is; or has ended, where there was nothing to begin. */
  readonly task: RegExp
  /** And this holds on it: a shell command that exits 0. */
  readonly when?: string
}

const packages: Moment = { what: 'while packages are installed', task: /^package /, when: 'pgrep -x dpkg' }
const balancer: readonly Moment[] = [
  packages,
  { what: 'when HAProxy gets its configuration', task: /^file \/etc\/haproxy/ },
  { what: 'when keepalived starts', task: /^service keepalived/ },
]
const joining = (...whens: readonly (readonly [string, string])[]): readonly Moment[] => whens.map(([what, when]) => ({ what: `joining, ${what}`, task: /^command kubeadm join/, when }))
const controlPlane: readonly Moment[] = [
  packages,
  { what: 'when it gets the certificate authorities', task: /^file \/etc\/kubernetes\/pki\/etcd/ },
  ...joining(['with its certificates', '[ -s /etc/kubernetes/pki/apiserver.crt ]'], ['with its etcd added', '[ -s /etc/kubernetes/manifests/etcd.yaml ]'], ['with its kubelet started', '[ -s /etc/kubernetes/kubelet.conf ]']),
]
const worker: readonly Moment[] = [packages, ...joining(['at its beginning', 'true'], ['with its kubelet started', '[ -s /etc/kubernetes/kubelet.conf ]'])]

export const MOMENTS: Readonly<Record<'lb1' | 'lb2' | 'cp1' | 'cp2' | 'cp3' | 'w1' | 'w2', readonly Moment[]>> = {
  lb1: balancer,
  lb2: balancer,
  cp1: [
    ['with its certificate authority', '[ -s /etc/kubernetes/pki/ca.key ]'],
    ['with its etcd started', 'pgrep -x etcd'],
    ['with its API answering', 'curl -ksf --max-time 2 https://127.0.0.1:6443/readyz'],
  ].map(([what = '', when = '']) => ({ what: `in kubeadm init, ${what}`, task: /^command kubeadm init/, when })),
  cp2: controlPlane,
  cp3: controlPlane,
  w1: worker,
  w2: worker,
}

/** Runs the install and strikes at the moment; the run goes on to its own end. @throws when the moment never came */
export async function struckAt(site: Site, { host, moment, strike }: { readonly host: string; readonly moment: Moment; readonly strike: () => Promise<unknown> }): Promise<Finished> {
  let struck: Promise<boolean> | undefined
  let ended = false
  const holds = async (): Promise<boolean> => moment.when === undefined || (await site.lab.console(host, moment.when).catch(() => ({ code: 1 }))).code === 0
  const strikeThen = async (): Promise<boolean> => {
    while (!(await holds())) {
      if (ended) return false
      await pause(20)
    }
    await strike()
    return true
  }
  const running = await site.start('ha', event => {
    if ((event.type === 'task-started' || event.type === 'task-finished') && event.host === host && moment.task.test(event.task.title)) struck ??= strikeThen()
  })
  const finished = await running.finished
  ended = true
  if ((await struck) !== true) throw new Error(`${host} was never struck: ${moment.what}`)
  return finished
}
