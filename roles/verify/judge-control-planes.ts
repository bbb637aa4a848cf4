import type { ControlPlaneHealth } from '../kubernetes/health.ts'
import { failed, ok, warning, type Finding } from './finding.ts'
import type { Reports, Wanted } from './judge.ts'

const DAY = 86_400
/** Days: kubeadm's certificates live a year, and a renewal needs a maintenance window. */
const SOON = 30

export const controlPlanesOf = (reports: Reports): readonly (readonly [string, ControlPlaneHealth])[] =>
  [...reports].flatMap(([host, { controlPlane }]) => (controlPlane === undefined ? [] : [[host, controlPlane] as const]))

/** What makes a control plane, on each host that should be one. */
export function components(reports: Reports, { controlPlanes }: Wanted): readonly Finding[] {
  const kinds: readonly (readonly [string, (of: ControlPlaneHealth) => string])[] = [
    ['kube-apiserver', of => of.apiServer],
    ['kube-scheduler', of => of.scheduler],
    ['kube-controller-manager', of => of.controllerManager],
  ]
  const asked = controlPlanes.filter(host => reports.has(host))
  const missing = asked.filter(host => reports.get(host)?.controlPlane === undefined)
  return [
    ...(missing.length === 0 ? [] : [failed('control planes', `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} none yet`, 'run the playbook again')]),
    ...kinds.map(([name, of]) => {
      const all = controlPlanesOf(reports)
      const ill = all.filter(([, health]) => of(health) !== 'ok')
      if (all.length === 0) return failed(name, 'no control plane answers', 'see what stops them; where there is none yet, run playbooks/ha.ts')
      return ill.length === 0
        ? ok(name, `ok on ${all.map(([host]) => host).join(', ')}`)
        : failed(name, ill.map(([host, health]) => `${host}: ${of(health) || 'no answer'}`).join('; '), `see crictl ps -a --name ${name} and its log on ${ill[0]?.[0]}`)
    }),
  ]
}

export function certificates(reports: Reports): readonly Finding[] {
  const ofControlPlanes = controlPlanesOf(reports).flatMap(([host, { certificates: own }]) => own.map(certificate => ({ host, ...certificate })))
  const [clients, kubernetes] = [true, false].map(client => ofControlPlanes.filter(({ file }) => file.startsWith('etcd-client/') === client))
  const members = [...reports].flatMap(([host, { externalEtcd }]) => (externalEtcd?.certificates ?? []).map(certificate => ({ host, ...certificate })))
  return [
    ...firstToEnd('certificates', kubernetes ?? [], 'kubeadm certs renew all, then restart the static pods, one control plane at a time'),
    ...firstToEnd('etcd certificates', [...members, ...(clients ?? [])], 'run playbooks/ha.ts, which renews those of members and clients; the authority itself (ca.crt) has to be replaced by hand'),
  ]
}

function firstToEnd(component: string, all: readonly { readonly host: string; readonly file: string; readonly left: number }[], remedy: string): readonly Finding[] {
  const [first] = all.toSorted((a, b) => a.left - b.left)
  if (first === undefined) return []
  const days = Math.floor(first.left / DAY)
  const found = `the first of ${all.length} to end is ${first.file} on ${first.host}, ${days < 0 ? `${-days} days ago` : `in ${days} days`}`
  return [first.left < 0 ? failed(component, found, remedy) : days < SOON ? warning(component, found, remedy) : ok(component, found)]
}

/** What an installation must not leave behind. */
export function leftovers(reports: Reports): readonly Finding[] {
  const mounted = controlPlanesOf(reports).flatMap(([host, { superAdmin }]) => superAdmin.map(file => `${host}:${file}`))
  const uploaded = controlPlanesOf(reports).some(([, health]) => health.uploadedCertificates)
  return [
    ...(mounted.length === 0 ? [] : [failed('super-admin.conf', `mounted by ${mounted.join(', ')}`, 'it is for kubeadm init only: run the playbook again, which puts admin.conf in its place')]),
    ...(uploaded ? [warning('kubeadm-certs', 'the certificate authorities are still in the cluster as a secret', 'kubectl delete secret -n kube-system kubeadm-certs')] : []),
  ]
}
