import { clientUrl, peerUrl } from '../kubernetes/etcd-topology.ts'
import { initialFile, ownEndpoint, pki, releaseFolder } from './places.ts'

export interface UnitSettings {
  /** Inventory name of the host, and of the member. */
  readonly name: string
  readonly address: string
  readonly clusterName: string
  readonly dataDirectory: string
  /** Of the release. */
  readonly sha256: string
  readonly extraArgs: Readonly<Record<string, string>>
}

/**
 * The unit of a member. What its first start needs beside is in a file of its own, and the assertions keep a member whose data is gone from starting: without
 * `initial-cluster` etcd would found a cluster of one, and answer with nothing where others rely on what was written.
 */
export function etcdUnit(settings: UnitSettings): string {
  const { name, clusterName, dataDirectory, sha256 } = settings
  const flags = Object.entries(flagsOf(settings)).map(([flag, value]) => word(`--${flag}=${value}`))
  return `[Unit]
Description=etcd, ${name} of ${clusterName}
Documentation=https://etcd.io/docs/
Wants=network-online.target
After=network-online.target time-sync.target
AssertPathExists=|${dataDirectory}/member
AssertPathExists=|${initialFile}

[Service]
Type=notify
User=etcd
Group=etcd
EnvironmentFile=-${initialFile}
ExecStart=${releaseFolder(sha256)}/etcd \\
  ${flags.join(' \\\n  ')}
Restart=always
RestartSec=2
TimeoutStartSec=5min
LimitNOFILE=65536
UMask=0077
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ReadWritePaths=${dataDirectory}
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`
}

/** Flags of the inventory come last in the object, and win. */
function flagsOf({ name, address, dataDirectory, extraArgs }: UnitSettings): Readonly<Record<string, string>> {
  return {
    'name': name,
    'data-dir': dataDirectory,
    'listen-peer-urls': peerUrl(address),
    'initial-advertise-peer-urls': peerUrl(address),
    'listen-client-urls': `${clientUrl(address)},${ownEndpoint}`,
    'advertise-client-urls': clientUrl(address),
    'listen-metrics-urls': 'http://127.0.0.1:2381',
    'cert-file': `${pki}/server.crt`,
    'key-file': `${pki}/server.key`,
    'trusted-ca-file': `${pki}/ca.crt`,
    'client-cert-auth': 'true',
    'peer-cert-file': `${pki}/peer.crt`,
    'peer-key-file': `${pki}/peer.key`,
    'peer-trusted-ca-file': `${pki}/ca.crt`,
    'peer-client-cert-auth': 'true',
    'tls-min-version': 'TLS1.2',
    'feature-gates': 'InitialCorruptCheck=true',
    'quota-backend-bytes': String(8 * 1024 ** 3),
    ...extraArgs,
  }
}

/** A word of ExecStart, with nothing in it that systemd reads as more than itself. */
function word(text: string): string {
  const plain = text.replaceAll('%', '%%').replaceAll('$', '$$$$')
  return /^[\w./:,=@%$+-]+$/.test(plain) ? plain : `"${plain.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
