/** Where k3s keeps things, and where we put what it reads. */
export const k3sPaths = {
  binary: '/usr/local/bin/k3s',
  /** Its configuration, and beside it every secret that it reads: root's alone. */
  folder: '/etc/rancher/k3s',
  config: '/etc/rancher/k3s/config.yaml',
  authentication: '/etc/rancher/k3s/authentication.yaml',
  serverToken: '/etc/rancher/k3s/server-token',
  agentToken: '/etc/rancher/k3s/agent-token',
  kubeconfig: '/etc/rancher/k3s/k3s.yaml',
  data: '/var/lib/rancher/k3s',
  images: '/var/lib/rancher/k3s/agent/images',
  /** Manifests that every server applies by itself. */
  manifests: '/var/lib/rancher/k3s/server/manifests',
  /** The tokens as the cluster has them: with the hash of its CA, by which who joins knows it. */
  clusterToken: '/var/lib/rancher/k3s/server/token',
  clusterAgentToken: '/var/lib/rancher/k3s/server/agent-token',
  serverCa: '/var/lib/rancher/k3s/server/tls/server-ca.crt',
  agentCa: '/var/lib/rancher/k3s/agent/server-ca.crt',
  agentKubeconfig: '/var/lib/rancher/k3s/agent/kubelet.kubeconfig',
  etcdWal: '/var/lib/rancher/k3s/server/db/etcd/member/wal',
  etcdTls: '/var/lib/rancher/k3s/server/tls/etcd',
  sqlite: '/var/lib/rancher/k3s/server/db/state.db',
} as const
