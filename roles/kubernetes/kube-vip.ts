import { Secret, secret, sh, file, waitFor, type Item, type Task } from 'ts-play'
import type { EndpointOf } from './endpoint.ts'
import { toYaml, type Data } from './yaml.ts'

/** kube-vip's share in a control plane. */
export interface KubeVipPod {
  readonly endpoint: EndpointOf<'kube-vip'>
  /** Interface that holds the floating address where this host has it. */
  readonly interface: string
  /** This control plane's own address: its name towards routers. */
  readonly address: string
  /**
   * Whose credentials it takes from /etc/kubernetes. `admin.conf` has no rights before `kubeadm init` has given it some, late, and through the endpoint: until
   * then only `super-admin.conf` has (kubernetes/kubernetes#121305, kube-vip/kube-vip#684).
   */
  readonly credentials: 'admin.conf' | 'super-admin.conf'
}

export const kubeVipManifest = '/etc/kubernetes/manifests/kube-vip.yaml'

/** Since 0.9 the length of the floating address's prefix is called otherwise. An image without a version in its tag counts as current. */
export function prefixVariable(image: string): 'vip_subnet' | 'vip_cidr' {
  const [, major, minor] = /:v(\d+)\.(\d+)\.\d+/.exec(image) ?? []
  return major === '0' && Number(minor) < 9 ? 'vip_cidr' : 'vip_subnet'
}

/** What it is told on every control plane alike. Without an interface it takes that of the default route. */
export function kubeVipVariables({ announce, vip, port, image }: EndpointOf<'kube-vip'>, interfaceName: string | undefined): Readonly<Record<string, string>> {
  return {
    vip_arp: String(announce.by === 'arp'),
    ...(announce.by === 'bgp' ? { vip_interface: 'lo' } : interfaceName === undefined ? {} : { vip_interface: interfaceName }),
    [prefixVariable(image)]: '32',
    address: vip,
    port: String(port),
    cp_enable: 'true',
    cp_namespace: 'kube-system',
    vip_leaderelection: 'true',
    vip_leasename: 'plndr-cp-lock',
    vip_leaseduration: '5',
    vip_renewdeadline: '3',
    vip_retryperiod: '1',
  }
}

/**
 * kube-vip as a static pod: control planes elect a holder through a lease in the API that each of them serves itself (the host alias: its client calls the server
 * `kubernetes`). With BGP too only the holder announces, because an API server that is ill must not be announced.
 *
 * @see https://kube-vip.io/docs/installation/static/
 */
export function kubeVipPod({ endpoint, interface: name, address, credentials }: KubeVipPod): string | Secret<string> {
  const { announce, image } = endpoint
  const variables: Readonly<Record<string, string>> = {
    ...kubeVipVariables(endpoint, name),
    ...(announce.by === 'bgp' ? { bgp_enable: 'true', bgp_routerid: address, bgp_as: String(announce.as), bgp_sourceip: address } : {}),
  }
  const pod: Data = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'kube-vip', namespace: 'kube-system', labels: { component: 'kube-vip' } },
    spec: {
      hostNetwork: true,
      // Both, as kubeadm's own static pods: the kubelet goes by the number, and the API takes no mirror of a pod whose number is not that of its class.
      priority: 2_000_001_000,
      priorityClassName: 'system-node-critical',
      hostAliases: [{ ip: '127.0.0.1', hostnames: ['kubernetes'] }],
      // A file that is not there yet keeps the pod waiting; without a type a folder of that name would be made.
      volumes: [{ name: 'kubeconfig', hostPath: { path: `/etc/kubernetes/${credentials}`, type: 'File' } }],
      containers: [
        {
          name: 'kube-vip',
          image,
          imagePullPolicy: 'IfNotPresent',
          args: ['manager'],
          securityContext: { capabilities: { add: ['NET_ADMIN', 'NET_RAW'], drop: ['ALL'] } },
          volumeMounts: [{ name: 'kubeconfig', mountPath: '/etc/kubernetes/admin.conf' }],
          env: [{ name: 'vip_nodename', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }, ...Object.entries(variables).map(([key, value]) => ({ name: key, value }))],
        },
      ],
    },
  }
  if (announce.by === 'arp') return toYaml(pod)
  // The list of variables comes last, so that the one with passwords can be added as the secret it is.
  return secret`${toYaml(pod)}        - name: bgp_peers\n          value: ${kubeVipPeers(announce.peers).map(text => JSON.stringify(text))}\n`
}

type Peer = Extract<EndpointOf<'kube-vip'>['announce'], { by: 'bgp' }>['peers'][number]

/** ADDRESS:AS:PASSWORD:MULTIHOP, separated by commas. */
export function kubeVipPeers(all: readonly Peer[]): Secret<string> {
  return all.reduce((before, { address, as, password, multihop }, index) => secret`${before}${index === 0 ? '' : ','}${address}:${as}:${password ?? ''}:${String(multihop)}`, new Secret('', []))
}

/** The manifest, which the kubelet acts upon at once. */
export function kubeVipFile(pod: KubeVipPod): Task {
  return file({ path: kubeVipManifest, content: kubeVipPod(pod), mode: 0o600 })
}

/** kube-vip runs, and nothing on this control plane has the credentials that no rule of the cluster limits. */
export function kubeVipRuns(nodeName: string): Item {
  return waitFor({
    name: 'kube-vip runs with the credentials of admin.conf',
    until: sh`
    if grep -l super-admin.conf /etc/kubernetes/manifests/*.yaml; then echo 'still has the credentials that were for kubeadm init only'; exit 1; fi
    seen=$(kubectl --kubeconfig /etc/kubernetes/kubelet.conf --request-timeout=5s get pod --namespace kube-system ${`kube-vip-${nodeName}`} -o ${'jsonpath={.spec.volumes[*].hostPath.path} {.status.containerStatuses[*].ready}'})
    case $seen in */super-admin.conf*) echo "its pod has $seen"; exit 1 ;; */admin.conf*' true') ;; *) echo "its pod is not ready: $seen"; exit 1 ;; esac`,
    timeout: 180_000,
    every: 2000,
  })
}
