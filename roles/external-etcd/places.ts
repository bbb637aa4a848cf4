import { sh, type Command } from 'ts-play'

/** Where things lie on a host with external etcd. */
export const pki = '/etc/etcd/pki'
/** Certificates of control planes, on the host that signs them. */
export const clientFolder = `${pki}/clients`
/** What etcd is told for its first start and never again; it is gone once the member is in. */
export const initialFile = '/etc/etcd/initial.env'
/** An attempt of ours to found or join a cluster that has not ended well yet: what it left may be taken up again without asking. */
export const attemptFile = '/var/lib/ts-play/etcd-attempt'

/** Each release has a folder of its own, so that a running member keeps its own until it is restarted with another. */
export function releaseFolder(sha256: string): string {
  return `/usr/local/lib/etcd/${sha256.slice(0, 12)}`
}

/** etcdctl with this host's own client certificate; what follows says whom it asks. Without a release it is the one that was installed last. */
export function etcdctlTool(sha256?: string): Command {
  return sh`${sha256 === undefined ? '/usr/local/bin/etcdctl' : `${releaseFolder(sha256)}/etcdctl`} --cacert ${`${pki}/ca.crt`} --cert ${`${pki}/client.crt`} --key ${`${pki}/client.key`} --dial-timeout 3s --command-timeout 10s`
}

export function etcdctl(sha256: string, endpoints: readonly string[]): Command {
  return sh`${etcdctlTool(sha256)} --endpoints ${endpoints.join(',')}`
}

export const ownEndpoint = 'https://127.0.0.1:2379'
