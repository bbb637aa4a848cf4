import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { $ } from 'zx'
import { bundleFolder } from '../lab/kubernetes/bundle.ts'
import type { Lab } from '../lab/lab.ts'

/** A cluster of the lab, looked at as its administrator would: through the floating address. */
export interface Cluster {
  /** stdout of kubectl. @throws when it exits non-zero. */
  readonly kubectl: (...words: readonly string[]) => Promise<string>
  readonly apply: (manifest: string) => Promise<void>
  readonly readyNodes: () => Promise<number>
  /** Healthy voting members, asked on any control plane that is up. */
  readonly etcdMembers: (lab: Lab) => Promise<number>
  /** Asks every two seconds until it holds. @throws after ten minutes. */
  readonly until: (what: string, holds: () => Promise<boolean>) => Promise<void>
}

/** Name and address of the endpoint as `inventory/lab.yaml` gives them. */
export const ENDPOINT = { name: 'api.lab', address: '10.203.7.100' } as const
const KUBECONFIG = join(homedir(), '.kube', 'ts-play', 'lab.conf')

const ETCDCTL = 'etcdctl --endpoints https://127.0.0.1:2379 --cacert /etc/kubernetes/pki/etcd/ca.crt --cert /etc/kubernetes/pki/etcd/healthcheck-client.crt --key /etc/kubernetes/pki/etcd/healthcheck-client.key'

export async function cluster(_lab: Lab): Promise<Cluster> {
  const kubectl = join(bundleFolder, 'bin', 'kubectl')
  // The controller resolves no name of the lab, so the address is given and the certificate is still checked for the name.
  const access = ['--kubeconfig', KUBECONFIG, '--server', `https://${ENDPOINT.address}:6443`, '--tls-server-name', ENDPOINT.name, '--request-timeout', '5s']
  const run: Cluster['kubectl'] = async (...words) => (await $({ quiet: true })`${kubectl} ${access} ${words}`).stdout.trimEnd()
  return {
    kubectl: run,
    apply: async manifest => void (await $({ quiet: true, input: manifest })`${kubectl} ${access} apply -f -`),
    readyNodes: async () => (await run('get', 'nodes', '--no-headers')).split('\n').filter(line => /^\S+\s+Ready\s/.test(line)).length,
    async etcdMembers(lab) {
      for (const host of ['cp2', 'cp3', 'cp1']) {
        const asked = await lab.exec(host, `${ETCDCTL} endpoint health --cluster -w json`, { timeout: 15_000 })
        const answer: unknown = JSON.parse(asked.stdout || '[]')
        if (Array.isArray(answer) && answer.length > 0) return answer.filter((member: unknown) => typeof member === 'object' && member !== null && 'health' in member && member.health === true).length
      }
      return 0
    },
    async until(what, holds) {
      for (const end = Date.now() + 600_000; Date.now() < end; await pause(2000)) if (await holds().catch(() => false)) return
      throw new Error(`not after ten minutes: ${what}`)
    },
  }
}
