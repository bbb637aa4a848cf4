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
 * - Clients, servers and tunnels may be idle for a day: watches, `exec` and `port-forward` are.
 * - `/healthz` on the loopback says whether this HAProxy works and has anybody to send to: keepalived asks it.
 *
 * @see https://docs.haproxy.org/2.6/configuration.html
 */
export function haproxyCfg({ apiPort, bindAddress, backends, healthPort }: Balancing): string {
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
  retries 2
  timeout connect 3s
  timeout check 3s
  timeout client 24h
  timeout server 24h
  timeout tunnel 24h

frontend api
  bind ${bindAddress}:${apiPort}
  default_backend apiservers

backend apiservers
  balance leastconn
  option httpchk
  http-check connect ssl alpn http/1.1
  http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host kubernetes
  http-check expect status 200
  default-server check verify none inter 2s fastinter 500ms downinter 1s fall 3 rise 1 on-marked-down shutdown-sessions
${backends.map(({ name, address, port }) => `  server ${name} ${address}:${port}\n`).join('')}
frontend health
  mode http
  bind 127.0.0.1:${healthPort}
  timeout client 5s
  monitor-uri /healthz
  acl nobody-to-send-to nbsrv(apiservers) lt 1
  monitor fail if nobody-to-send-to
`
}
