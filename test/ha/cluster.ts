import { setTimeout as pause } from 'node:timers/promises'
import { $ } from 'zx'
import { bundleFolder } from '../lab/kubernetes/bundle.ts'
import type { Lab } from '../lab/lab.ts'

/** A cluster of the lab, looked at as its administrator would: with the kubeconfig that the playbook fetched, through the floating address. */
export interface Cluster {
  /** stdout of kubectl. @throws when it exits non-zero. */
  readonly kubectl: (...words: readonly string[]) => Promise<string>
  readonly apply: (manifest: string) => Promise<void>
  readonly readyNodes: () => Promise<number>
  /** Healthy members of etcd, asked on the first of these control planes that answers. */
  readonly etcdMembers: (...controlPlanes: readonly string[]) => Promise<number>
  /** Container ids of the static pods, by name. */
  readonly staticPods: () => Promise<string>
  /** Which of the balancers hold the floating address. */
  readonly holders: (address: string) => Promise<readonly string[]>
  /** Asks every two seconds until it holds. @throws after ten minutes. */
  readonly until: (what: string, holds: () => Promise<boolean>) => Promise<void>
}

const ETCDCTL = 'etcdctl --endpoints https://127.0.0.1:2379 --cacert /etc/kubernetes/pki/etcd/ca.crt --cert /etc/kubernetes/pki/etcd/healthcheck-client.crt --key /etc/kubernetes/pki/etcd/healthcheck-client.key'

export function clusterOf(lab: Lab, kubeconfig: string): Cluster {
  const program = `${bundleFolder}/bin/kubectl`
  const access = ['--kubeconfig', kubeconfig, '--request-timeout', '5s']
  const kubectl: Cluster['kubectl'] = async (...words) => (await $({ quiet: true })`${program} ${access} ${words}`).stdout.trimEnd()
  return {
    kubectl,
    apply: async manifest => void (await $({ quiet: true, input: manifest })`${program} ${access} apply -f -`),
    readyNodes: async () => (await kubectl('get', 'nodes', '--no-headers')).split('\n').filter(line => /^\S+\s+Ready\s/.test(line)).length,
    async etcdMembers(...controlPlanes) {
      for (const host of controlPlanes) {
        const asked = await lab.exec(host, `${ETCDCTL} endpoint health --cluster -w json`, { timeout: 15_000 }).catch(() => undefined)
        const answer: unknown = JSON.parse(asked?.stdout || '[]')
        if (Array.isArray(answer) && answer.length > 0) return answer.filter((member: unknown) => typeof member === 'object' && member !== null && 'health' in member && member.health === true).length
      }
      return 0
    },
    staticPods: () => kubectl('get', 'pods', '-n', 'kube-system', '-l', 'tier=control-plane', '-o', 'jsonpath={range .items[*]}{.metadata.name} {.status.containerStatuses[*].containerID} {.status.containerStatuses[*].restartCount}{"\\n"}{end}'),
    async holders(address) {
      const balancers = (await lab.status()).filter(({ host, state }) => host.startsWith('lb') && state === 'running').map(({ host }) => host)
      const asked = await Promise.all(balancers.map(async host => ({ host, answer: await lab.console(host, `ip -o address show | grep -c ' ${address}/32 '`) })))
      return asked.filter(({ answer }) => answer.stdout.trim() === '1').map(({ host }) => host)
    },
    async until(what, holds) {
      for (const end = Date.now() + 600_000; Date.now() < end; await pause(2000)) if (await holds().catch(() => false)) return
      throw new Error(`not after ten minutes: ${what}`)
    },
  }
}
