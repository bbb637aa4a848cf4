/** What a balancer has to know to spread the API. */
export interface Balancing {
  readonly apiPort: number
  /** Where HAProxy listens for the API: the floating address, or every address of the machine. */
  readonly bindAddress: string
  readonly backends: readonly Backend[]
  readonly healthPort: number
}
export interface Backend {
  readonly name: string
  readonly address: string
  readonly port: number
}

/**
 * HAProxy in front of the API servers.
 *
 * - Checks ask /readyz over TLS: a server that starts or drains answers TCP long before it can serve, and a join sent there fails.
 * - They are quick, because `kubeadm init` of some versions gives the balancer one try to have noticed the first server (kubernetes/kubeadm#3294).
 * - One that is not ready three times, a second apart, is out, and so are the sessions that hang in it: its etcd has stopped, say. While etcd elects a leader no
 *   server is ready, for a second or two: that must not cost everybody's sessions.
 * - A connection that one server refuses goes to another at once, before any check has told of it.
 * - Where no server is well, all of them are tried: without a quorum of etcd they still answer from their caches, and being slow is not being gone.
 * - Clients, servers and tunnels may be idle for a day: watches, `exec` and `port-forward` are.
 * - keepalived asks on the loopback: `/alive` says whether this HAProxy works, `/healthz` whether it also has anybody to send to.
 *
 * @see https://docs.haproxy.org/2.6/configuration.html
 */
export function haproxyCfg({ apiPort, bindAddress, backends, healthPort }: Balancing): string {
  const servers = backends.map(({ name, address, port }) => `  server ${name} ${address}:${port}\n`).join('')
  return `# Written by ts-play; changes are overwritten.
global
  log stdout format raw local0 notice
  maxconn 4096

defaults
  mode tcp
  log global
  option dontlognull
  option clitcpka
  option srvtcpka
  retries 3
  option redispatch 1
  timeout connect 3s
  timeout check 2s
  timeout client 24h
  timeout server 24h
  timeout tunnel 24h

frontend api
  bind ${bindAddress}:${apiPort}
  use_backend apiservers if { nbsrv(apiservers) gt 0 }
  default_backend unwell

backend apiservers
  balance leastconn
  option httpchk
  http-check connect ssl alpn http/1.1
  http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host kubernetes
  http-check expect status 200
  default-server check verify none inter 1s downinter 1s fall 3 rise 1 on-marked-down shutdown-sessions
${servers}
backend unwell
  balance roundrobin
${servers}
frontend health
  mode http
  bind 127.0.0.1:${healthPort}
  timeout client 5s
  monitor-uri /healthz
  acl nobody-to-send-to nbsrv(apiservers) lt 1
  monitor fail if nobody-to-send-to
  http-request return status 200 if { path /alive }
  http-request deny
`
}
