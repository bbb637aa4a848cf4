/** What one host can reach, and what it hears, before anything is changed. Judged by `preflight`, which knows who could be asked. */
export interface Surroundings {
  readonly paths: readonly Path[]
  readonly routers: readonly Router[]
  /** What could not be found out here. */
  readonly unchecked: readonly ('paths' | 'routers')[]
}

/** From this host to a TCP port of another one. `refused`: it was reached, and nothing listens yet. */
export interface Path {
  readonly host: string
  readonly address: string
  readonly port: number
  readonly state: 'open' | 'refused' | 'rejected' | 'silent'
}

/** Somebody who speaks VRRP on the network. */
export interface Router {
  readonly address: string
  readonly id: number
}
