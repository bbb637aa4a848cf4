import { assert, byHost, command, directory, file, Members, role, Secret, sh, waitFor, type HostRef, type Member, type Task } from 'ts-play'
import { addresses } from '../kubernetes/addresses.ts'
import { attemptMark } from '../kubernetes/attempt.ts'
import { cleanUp } from '../kubernetes/clean-up.ts'
import { etcdIsUsed } from '../kubernetes/etcd-client.ts'
import { clientUrls } from '../kubernetes/etcd-topology.ts'
import { elect } from '../kubernetes/elect.ts'
import { endpoint } from '../kubernetes/endpoint.ts'
import { etcdIsHealthy } from '../kubernetes/etcd-health.ts'
import { floatingInterface } from '../kubernetes/floating.ts'
import { kubeVipFile, type KubeVipPod } from '../kubernetes/kube-vip.ts'
import { hasKubelet, kubelet } from '../kubernetes/kubelet.ts'
import { apiIsReady, localKubectl, ownNode } from '../kubernetes/kubectl.ts'
import { nodeAddressOf } from '../kubernetes/node-address.ts'
import { nodeName } from '../kubernetes/node-name.ts'
import { endpointInterface } from '../kubernetes/variables.ts'
import { isImpatient, parseVersion } from '../kubernetes/version.ts'
import { ApiEndpoint, ClusterInfo, ClusterNode, ControlPlaneTicket, EtcdLayout, Kubeconfig, Membership, WorkerTicket } from '../outputs.ts'
import { departedMembers } from './departed.ts'
import { clusterIsComplete, kubeadmInit } from './init.ts'
import { initSettings } from './init-settings.ts'
import { initConfig } from './init-config.ts'
import { leftTickets } from './left-tickets.ts'
import { caHashOf, mintControlPlaneTicket, mintWorkerTicket, revokeControlPlaneTicket, revokeWorkerTicket } from './serve.ts'
import { clusterVars, runVars } from './variables.ts'

const vars = { ...clusterVars, ...runVars, endpoint, endpointInterface }

/**
 * Sees to it that there is a cluster, and serves the hosts that want to join it. Which control plane does so is elected in every run from what was seen
 * on all of them; the others are left out. Where a healthy member is found nothing is initialised, whatever the inventory's order.
 */
export const firstMaster = role('first-master', {
  vars,
  facts: { kubelet, nodeName, addresses },
  inputs: { endpoint: ApiEndpoint, survey: byHost(Membership), etcd: EtcdLayout, etcdHosts: Members, controlPlanes: Members, balancers: Members },
  outputs: { cluster: ClusterInfo, node: ClusterNode, controlPlane: ControlPlaneTicket, worker: WorkerTicket, kubeconfig: Kubeconfig },
  skip: ({ host, vars, inputs }) => (electionOf({ vars, inputs }).host === host.name ? undefined : 'not elected'),

  tasks: ({ host, vars, facts, inputs }) => {
    const election = electionOf({ vars, inputs })
    const seen = inputs.survey.get(host.name)
    const address = vars.nodeAddress ?? host.address
    const kubectl = kubectlOn({ host, vars })
    const { endpoint: api } = inputs
    const stacked = vars.etcd.topology === 'stacked'
    const begins = election.verdict === 'init' || election.verdict === 'recover' || seen?.attempt === true
    const place = { ownAddress: address, addresses: facts.addresses, interface: vars.endpointInterface }
    const pod = vars.endpoint.strategy === 'kube-vip' ? { endpoint: vars.endpoint, interface: floatingInterface(place), address } : undefined
    return [
      assert({
        name: 'it is certain who acts for the cluster',
        that: election.verdict !== 'refuse',
        message: election.verdict === 'refuse' ? election.reason : '',
        remedy: election.verdict === 'refuse' ? election.remedy : '',
      }),
      hasKubelet(host.name, facts.kubelet),
      assert({
        name: 'the certificate authorities have a way to other control planes',
        that: stacked || vars.pki === 'ssh',
        message: 'kubeadm’s upload gives all control planes one key for external etcd, and each has its own here',
        remedy: 'leave pki at ssh',
      }),
      assert({
        name: 'kubeadm init waits for the balancer',
        that: !begins || vars.impatientInit === 'accept' || !isImpatient(parseVersion(vars.kubernetesVersion)),
        message: `kubeadm ${vars.kubernetesVersion} gives the balancer a single try to notice the first API server, and leaves half a cluster behind (kubernetes/kubeadm#3294)`,
        remedy: 'choose a patch with the fix (1.34.8, 1.35.5, 1.36.1 or later), or set impatientInit: accept',
      }),
      ...(seen?.state === 'partial' && seen.apiServer === 'silent'
        ? [cleanUp({ host: host.name, nodeName: facts.nodeName, address, seen, ...(stacked ? { etcdDataDirectory: inputs.etcd.dataDirectory } : {}), alone: election.verdict === 'recover' })]
        : []),
      ...(begins ? [
        ...beginKubeVip(pod),
        command({
          name: 'kubeadm init',
          run: kubeadmInit({ ready: apiIsReady('127.0.0.1', vars.bindPort), ...(stacked || seen?.attempt === true ? {} : { refuseIf: etcdIsUsed(clientUrls(inputs.etcdHosts)) }) }),
          stdin: initConfig(initSettings({ host, nodeName: facts.nodeName, vars, inputs })),
          unless: clusterIsComplete({ kubectl, nodeName: facts.nodeName }),
          timeout: 15 * 60_000,
        }),
        ...(stacked ? [waitFor({ name: 'etcd is healthy', until: etcdIsHealthy([`https://${address}:2379`]), timeout: 120_000, every: 2000 })] : []),
        ...(pod === undefined ? [] : [kubeVipFile({ ...pod, credentials: 'admin.conf' })]),
      ] : []),
      ...(stacked && !begins && someoneJoins(host.name, inputs) ? [departedMembers({ ...membersOf(inputs), kubectl })] : []),
      // Three times in a row: a balancer that has just marked its first server up may still take it back.
      waitFor({ name: `the API is ready at ${api.name}`, until: apiIsReady(api.name, api.port), stable: begins ? 3 : 1, timeout: 180_000 }),
      file({ path: attemptMark, state: 'absent' }),
      ...(begins ? [] : [leftTickets({ kubectl })]),
    ]
  },

  produce: {
    cluster: async ({ host, vars, on }): Promise<ClusterInfo> => {
      const version = await on.query(sh`${kubectlOn({ host, vars })} get --raw /version`)
      return { name: vars.clusterName, version: /"gitVersion":\s*"([^"]+)"/.exec(version)?.[1] ?? 'unknown', ca: await caHashOf(on), servedBy: host.name }
    },
    node: ({ host, vars, facts, on }) => ownNode(on, facts.nodeName, vars.nodeAddress ?? host.address),
    controlPlane: {
      mint: ({ host, vars, on }) => mintControlPlaneTicket({ on, kubectl: kubectlOn({ host, vars }) }, { ...vars, etcd: vars.etcd.topology }),
      revoke: ({ host, vars, on, value }) => revokeControlPlaneTicket({ on, kubectl: kubectlOn({ host, vars }) }, value),
    },
    worker: {
      mint: ({ host, vars, on }) => mintWorkerTicket({ on, kubectl: kubectlOn({ host, vars }) }),
      revoke: ({ host, vars, on, value }) => revokeWorkerTicket({ on, kubectl: kubectlOn({ host, vars }) }, value),
    },
    kubeconfig: async ({ on }): Promise<Kubeconfig> => ({ content: new Secret(await on.query(sh`cat /etc/kubernetes/admin.conf`)) }),
  },
})

/** Whether a control plane is going to join in this run. */
function someoneJoins(host: string, { survey }: { survey: ReadonlyMap<string, Membership> }): boolean {
  return [...survey].some(([name, { state }]) => name !== host && (state === 'fresh' || state === 'partial'))
}

/** Addresses of the control planes, by what their membership in etcd can be. */
function membersOf({ controlPlanes, survey }: { controlPlanes: readonly Member[]; survey: ReadonlyMap<string, Membership> }): { readonly expected: readonly string[]; readonly bare: readonly string[]; readonly unfinished: readonly string[] } {
  const isBare = ({ name }: Member): boolean => survey.get(name)?.state === 'fresh'
  const isUnfinished = ({ name }: Member): boolean => survey.get(name)?.state === 'partial' && survey.get(name)?.attempt === true
  return {
    expected: controlPlanes.filter(each => !isBare(each)).map(nodeAddressOf),
    bare: controlPlanes.filter(isBare).map(nodeAddressOf),
    unfinished: controlPlanes.filter(isUnfinished).map(nodeAddressOf),
  }
}

/** The floating address has to be there for `kubeadm init`, which ends by talking to the endpoint. Its credentials are for these minutes only. */
function beginKubeVip(pod: Omit<KubeVipPod, 'credentials'> | undefined): Task[] {
  return pod === undefined ? [] : [directory({ path: '/etc/kubernetes/manifests', mode: 0o755 }), kubeVipFile({ ...pod, credentials: 'super-admin.conf' })]
}

/** kubectl at this host's own API server. */
function kubectlOn({ host, vars }: { host: HostRef; vars: { nodeAddress?: string | undefined; bindPort: number } }) {
  return localKubectl(vars.nodeAddress ?? host.address, vars.bindPort)
}

function electionOf({ vars, inputs }: { vars: { assumeFresh: readonly string[] }; inputs: { survey: ReadonlyMap<string, Membership>; controlPlanes: readonly { name: string }[] } }) {
  return elect({ order: inputs.controlPlanes.map(({ name }) => name), survey: inputs.survey, assumeFresh: vars.assumeFresh })
}
