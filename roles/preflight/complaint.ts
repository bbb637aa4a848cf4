/** Something about a host that a cluster would suffer from. */
export interface Complaint {
  /** By which it can be put up with: `preflightIgnore`. */
  readonly check: Check
  readonly host: string
  readonly found: string
  readonly remedy: string
}

/** `fitness` is what no option puts up with: machines that Kubernetes cannot run on, or that cannot be told apart. */
export type Check = 'fitness' | 'ports' | 'floating-address' | 'clock' | 'disk' | 'quorum' | 'kernel' | 'etcd-alarm' | 'time-sync' | 'nameserver' | 'cloud' | 'network' | 'service-addresses' | 'reach' | 'vrrp' | 'unchecked'

/** What somebody should know, and what stops nothing. */
export const WARNINGS: readonly Check[] = ['time-sync', 'nameserver', 'cloud', 'unchecked']
