/** How a host of a k3s cluster is, by its own word. */
export interface K3sHealth {
  /** State of its unit, as systemd calls it; empty where there is none. */
  readonly unit: string
  readonly version: string
  /** What the API says at the endpoint: `ok`, or why not. */
  readonly endpoint: string
  readonly holdsVip: boolean
  /** What its own API server says; `undefined` on agents and balancers. */
  readonly apiServer: string | undefined
  /** What its own member of etcd says. */
  readonly etcd: string | undefined
  readonly members: readonly { readonly name: string; readonly voter: boolean }[]
  readonly alarms: readonly string[]
  /** All nodes, as a server knows them. */
  readonly nodes: readonly { readonly name: string; readonly ready: boolean; readonly version: string }[]
  /** Whether its own node is Ready. */
  readonly node: boolean
  /** Age of the newest snapshot of etcd in seconds; `undefined` where there is none. */
  readonly snapshot: number | undefined
}
