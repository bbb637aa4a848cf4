import { secret, Secret } from 'ts-play'

/** One balancer's share in the floating address. */
export interface Floating {
  /** Inventory name of this balancer. */
  readonly name: string
  readonly interface: string
  readonly vip: string
  /** VRRP router id: 1 to 255, of one's own on the network. */
  readonly routerId: number
  /** Addresses of all balancers in inventory order; the first is preferred. */
  readonly addresses: readonly string[]
  readonly ownAddress: string
  /** At most 8 characters count. Travels in clear: it keeps mistakes apart, not attackers. */
  readonly password: Secret<string> | undefined
  readonly healthPort: number
}

/** How a failing health check takes the address away. Everything here was measured between two machines; see `failsOver`. */
export interface Preference {
  /** Difference between the priorities of two neighbours. */
  readonly step: number
  /** Weight of the health script: 0 means that a failure is a fault of the whole instance. */
  readonly weight: number
  readonly preempt: boolean
}
export const preference: Preference = { step: 10, weight: 0, preempt: false }

/**
 * Whether an unhealthy holder ever loses the address. With a weight, failing only lowers its priority: the other one has to outbid it and has to be allowed
 * to take over. Weight 0 releases the address outright, and is the only one that also works with `nopreempt`: measured with priorities 150 and 100,
 * weight -60 with `nopreempt` never moves, and neither does the -2 of a widely copied example.
 */
export function failsOver({ step, weight, preempt }: Preference): boolean {
  return weight === 0 || (preempt && weight < 0 && -weight > step)
}

/** Distinct priorities from inventory order, below 255 (which VRRP keeps for the owner of an address). */
export function priorityOf(index: number, { step }: Preference = preference): number {
  const priority = 250 - index * step
  if (priority < 1) throw new RangeError(`a floating address is shared by at most ${Math.ceil(250 / step)} balancers`)
  return priority
}

/**
 * keepalived for one floating address: every balancer starts as BACKUP and none takes the address back, so that a machine that flaps moves it once.
 * Unicast, because clouds and many switches drop multicast.
 *
 * @see https://www.keepalived.org/manpage.html
 */
export function keepalivedConf(floating: Floating): Secret<string> {
  const { name, vip, routerId, addresses, ownAddress, password, healthPort } = floating
  const authentication = password === undefined ? new Secret('', []) : secret`
  authentication {
    auth_type PASS
    auth_pass ${password}
  }`
  return secret`# Written by ts-play; changes are overwritten.
global_defs {
  router_id ${name}
  enable_script_security
  script_user root
  vrrp_garp_master_refresh 60
}

vrrp_script haproxy {
  script "/usr/bin/curl -fsS --max-time 2 -o /dev/null http://127.0.0.1:${healthPort}/alive"
  interval 1
  timeout 2
  fall 2
  rise 2
  weight ${preference.weight}
}

# Longer than etcd takes to elect a leader: no API server is ready then, to any balancer, and if all let go nobody has the address.
vrrp_script api {
  script "/usr/bin/curl -fsS --max-time 2 -o /dev/null http://127.0.0.1:${healthPort}/healthz"
  interval 1
  timeout 2
  fall 10
  rise 2
  weight ${preference.weight}
}

vrrp_instance api {
  state BACKUP
  nopreempt
  interface ${floating.interface}
  virtual_router_id ${routerId}
  priority ${priorityOf(addresses.indexOf(ownAddress))}
  advert_int 1
${unicast(floating)}${authentication}
  virtual_ipaddress {
    ${vip}/32
  }
  track_script {
    haproxy
    api
  }
}
`
}

/** A balancer without another one has nobody to talk to, and keepalived refuses to be told how. */
function unicast({ addresses, ownAddress }: Floating): string {
  const peers = addresses.filter(address => address !== ownAddress)
  if (peers.length === 0) return '  # No other balancer: nobody to tell.'
  return `  unicast_src_ip ${ownAddress}\n  unicast_peer {\n${peers.map(peer => `    ${peer}\n`).join('')}  }`
}

/**
 * A drop-in for keepalived's unit. A keepalived that was killed leaves the address on its machine while the other balancer takes it too: it has to come
 * back, and the address has to go with it.
 */
export function keepalivedDropIn({ vip, interface: name }: Pick<Floating, 'vip' | 'interface'>): string {
  return `# Written by ts-play; changes are overwritten.
[Service]
Restart=always
RestartSec=1
ExecStopPost=-/sbin/ip address delete ${vip}/32 dev ${name}
`
}
