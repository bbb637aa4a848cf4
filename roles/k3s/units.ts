import { k3sPaths } from './paths.ts'

/** `k3s` and `k3s-agent`, as the units of k3s's own installer are called: whoever knows k3s finds them. */
export type K3sUnit = 'k3s' | 'k3s-agent'

/**
 * A server says itself when it is up, an agent does not. Containers outlive a restart of k3s (`KillMode=process`), so a restart costs no workload. A first start may
 * have images to unpack and etcd to catch up with: it takes as long as it takes, and whoever waits has a limit of its own.
 */
export function k3sUnit(unit: K3sUnit): string {
  const [part, type] = unit === 'k3s' ? ['server', 'notify'] : ['agent', 'exec']
  return `[Unit]
Description=Lightweight Kubernetes: ${part}
Documentation=https://docs.k3s.io
Wants=network-online.target
After=network-online.target

[Service]
Type=${type}
ExecStart=${k3sPaths.binary} ${part}
KillMode=process
Delegate=yes
LimitNOFILE=1048576
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
TimeoutStartSec=0
Restart=always
RestartSec=5s

[Install]
WantedBy=multi-user.target
`
}
