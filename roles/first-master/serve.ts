import { X509Certificate } from 'node:crypto'
import { Secret, secret, sh, type Command, type Look, type Mint } from 'ts-play'
import { configFromStdin } from '../kubernetes/attempt.ts'
import { etcdIsHealthy, sickMembers } from '../kubernetes/etcd-health.ts'
import { caHash } from '../kubernetes/evidence.ts'
import { toYamlDocuments } from '../kubernetes/yaml.ts'
import type { ControlPlaneTicket, PkiSource, WorkerTicket } from '../outputs.ts'
import { parsePki, parseToken, printPki, tokenId, tokenManifest } from './tickets.ts'

/** The elected control plane, and how to talk to its API server. */
export interface Server {
  readonly on: Mint
  readonly kubectl: Command
}

export async function caHashOf(on: Look): Promise<string> {
  return caHash(new X509Certificate(await on.query(sh`cat /etc/kubernetes/pki/ca.crt`)))
}

/** A token for one run, in the cluster by the time this returns. */
export async function mintWorkerTicket({ on, kubectl }: Server): Promise<WorkerTicket> {
  const token = parseToken(await on.query(sh`kubeadm token generate`))
  // The host's own clock: a token that expires by another one may be born expired.
  const now = new Date(Number(await on.query(sh`date +%s`)) * 1000)
  await on.run(sh`${kubectl} apply -f -`, tokenManifest(token, now))
  return { token, caHash: await caHashOf(on) }
}

export async function revokeWorkerTicket({ on, kubectl }: Server, { token }: WorkerTicket): Promise<void> {
  await on.run(sh`${kubectl} delete secret --namespace kube-system --ignore-not-found ${`bootstrap-token-${tokenId(token)}`}`)
}

/** Asked for only when a control plane joins, so this is where etcd is looked at before the first of them does. */
export async function mintControlPlaneTicket(server: Server, how: { pki: 'ssh' | 'upload'; kubernetesVersion: string; etcd: 'stacked' | 'external' }): Promise<ControlPlaneTicket> {
  const stacked = how.etcd === 'stacked'
  if (stacked) await server.on.query(etcdIsHealthy([]))
  const pki = how.pki === 'ssh' ? await readPki(server.on, how.etcd) : await uploadPki(server.on, how.kubernetesVersion)
  const sick = stacked ? (await server.on.query(sickMembers)).split('\n').filter(url => url !== '') : []
  return { ...(await mintWorkerTicket(server)), pki, sickMembers: sick }
}

export async function revokeControlPlaneTicket(server: Server, ticket: ControlPlaneTicket): Promise<void> {
  await revokeWorkerTicket(server, ticket)
  if (ticket.pki.by === 'ssh') return
  // kubeadm lets the uploaded certificates expire with a token of their own, which owns them: gone is gone for both.
  const { on, kubectl } = server
  await on.run(sh`
    owner=$(${kubectl} get secret --namespace kube-system --ignore-not-found kubeadm-certs -o ${'jsonpath={.metadata.ownerReferences[0].name}'})
    ${kubectl} delete secret --namespace kube-system --ignore-not-found kubeadm-certs $owner`)
}

async function readPki(on: Look, etcd: 'stacked' | 'external'): Promise<PkiSource> {
  return { by: 'ssh', files: parsePki(await on.query(printPki(etcd)), etcd) }
}

/** Always with a configuration: without one, kubeadm guesses an address on machines with several (kubernetes/kubeadm#3313) and asks the internet for a version. */
async function uploadPki(on: Mint, kubernetesVersion: string): Promise<PkiSource> {
  const certificateKey = new Secret((await on.query(sh`kubeadm certs certificate-key`)).trim())
  const cluster = toYamlDocuments([{ apiVersion: 'kubeadm.k8s.io/v1beta4', kind: 'ClusterConfiguration', kubernetesVersion }])
  const config = secret`apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\ncertificateKey: "${certificateKey}"\n---\n${cluster}`
  await on.run(sh`${configFromStdin}\nkubeadm init phase upload-certs --upload-certs --config "$config" >/dev/null`, config)
  return { by: 'upload', certificateKey }
}
