import { directory, file, group, pkg, user, type Item, type Secret } from 'ts-play'
import type { ExternalEtcd } from '../kubernetes/etcd-topology.ts'
import type { EtcdAuthority, EtcdRelease } from '../outputs.ts'
import { authorityLasts, issueCertificate } from './certificate.ts'
import { pki } from './places.ts'
import { installRelease } from './release.ts'

export interface Prepared {
  readonly host: string
  readonly address: string
  readonly etcd: ExternalEtcd
  readonly dataDirectory: string
  readonly release: EtcdRelease
  /** Where the host does not have it yet. */
  readonly authority: EtcdAuthority | undefined
}

/** Everything of a member that changes nothing about one that runs: its user, folders and programs. */
export function prepare({ etcd, dataDirectory, release, authority }: Prepared): Item[] {
  return [
    pkg({ name: ['openssl', 'curl', 'ca-certificates'] }),
    group({ name: 'etcd', system: true }),
    user({ name: 'etcd', system: true, group: 'etcd', home: dataDirectory, createHome: false, shell: '/usr/sbin/nologin' }),
    directory({ path: '/etc/etcd', mode: 0o755 }),
    directory({ path: pki, mode: 0o755 }),
    directory({ path: dataDirectory, mode: 0o700, owner: 'etcd', group: 'etcd' }),
    ...installRelease(release),
    ...(authority === undefined ? [] : authorityFiles(authority)),
    authorityLasts(etcd.certificateDays),
  ]
}

/** A member's certificates; a running one shows new ones from its next connection on. */
export function certificates({ host, address, etcd }: Prepared): Item[] {
  const { certificateDays: days, renewBefore } = etcd
  return (['server', 'peer', 'client'] as const).map(kind => issueCertificate({ kind, host, address, days, renewBefore }))
}

function authorityFiles({ certificate, key }: { certificate: string; key: Secret<string> }): Item[] {
  return [file({ path: `${pki}/ca.crt`, content: certificate, mode: 0o644 }), file({ path: `${pki}/ca.key`, content: key, mode: 0o600 })]
}
