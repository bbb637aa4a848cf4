import { setTimeout as pause } from 'node:timers/promises'
import { $ } from 'zx'
import { quote } from '../../engine/index.ts'
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
  /** Which hosts hold the floating address. */
  readonly holders: (address: string) => Promise<readonly string[]>
  /** Asks every two seconds until it holds. @throws after ten minutes. */
  readonly until: (what: string, holds: () => Promise<boolean>) => Promise<void>
}

const ETCDCTL = 'etcdctl --endpoints https://127.0.0.1:2379 --cacert /etc/kubernetes/pki/etcd/ca.crt --cert /etc/kubernetes/pki/etcd/healthcheck-client.crt --key /etc/kubernetes/pki/etcd/healthcheck-client.key'

type Kubectl = (words: readonly string[], input?: string) => Promise<string>

/** As an administrator outside the cluster sees it. */
export function clusterOf(lab: Lab, kubeconfig: string): Cluster {
  const program = `${bundleFolder}/bin/kubectl`
  return seenWith(lab, async (words, input = '') => (await $({ quiet: true, input })`${program} --kubeconfig ${kubeconfig} --request-timeout 5s ${words}`).stdout)
}

/** As everything on one of its nodes sees it: by the endpoint's name, with whatever stands behind it there. The node needs the administrator's kubeconfig. */
export function clusterThrough(lab: Lab, node: string, kubeconfig: string): Cluster {
  return seenWith(lab, async (words, input = '') => {
    const { code, stdout, stderr } = await lab.console(node, `printf %s ${quote(input)} | kubectl --kubeconfig ${kubeconfig} --request-timeout 5s ${words.map(quote).join(' ')}`)
    if (code !== 0) throw new Error(`kubectl ${words.join(' ')} on ${node}: ${stderr}`)
    return stdout
  })
}

function seenWith(lab: Lab, run: Kubectl): Cluster {
  const kubectl: Cluster['kubectl'] = async (...words) => (await run(words)).trimEnd()
  return {
    kubectl,
    apply: async manifest => void (await run(['apply', '-f', '-'], manifest)),
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
      const running = (await lab.status()).filter(({ state }) => state === 'running').map(({ host }) => host)
      const asked = await Promise.all(running.map(async host => ({ host, answer: await lab.console(host, `ip -o address show | grep -c ' ${address}/32 '`) })))
      return asked.filter(({ answer }) => answer.stdout.trim() === '1').map(({ host }) => host)
    },
    async until(what, holds) {
      for (const end = Date.now() + 600_000; Date.now() < end; await pause(2000)) if (await holds().catch(() => false)) return
      throw new Error(`not after ten minutes: ${what}`)
    },
  }
}
