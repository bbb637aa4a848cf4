import { assert, type Item } from 'ts-play'
import type { Identity } from '../outputs.ts'

/** What must differ between hosts, and how it comes that it does not. */
const marks: readonly { readonly what: string; readonly of: (identity: Identity) => readonly (string | undefined)[]; readonly remedy: string }[] = [
  { what: 'host name', of: each => [each.hostname.toLowerCase()], remedy: 'hostnamectl set-hostname on one of them' },
  { what: 'node address', of: each => [each.nodeAddress], remedy: 'correct ansible_host or nodeAddress in the inventory' },
  { what: 'machine-id', of: each => [each.machineId], remedy: 'they were cloned: on one of them, rm /etc/machine-id && systemd-machine-id-setup, and reboot' },
  { what: 'product_uuid', of: each => [each.productUuid], remedy: 'they were cloned: give one of the virtual machines a UUID of its own, or set sharedProductUuid: true where the platform has none' },
  { what: 'hardware address', of: each => each.hardwareAddresses, remedy: 'they were cloned: give the network interface of one of them an address of its own' },
]

export interface Comparison {
  readonly host: string
  readonly identities: ReadonlyMap<string, Identity>
  /** Containers of one machine see that machine's product_uuid. */
  readonly sharedProductUuid: boolean
}

/**
 * Compares a host with all others that could be asked. Clones join without a complaint and then take each other's place in the cluster, or each
 * other's addresses: nothing that a single host could notice.
 */
export function unique({ host, identities, sharedProductUuid }: Comparison): Item[] {
  const own = identities.get(host)
  return marks.map(({ what, of, remedy }) => {
    const mine = own === undefined ? [] : of(own)
    const twin = [...identities].find(([other, identity]) => other !== host && of(identity).some(value => value !== undefined && mine.includes(value)))
    const shared = twin === undefined ? undefined : of(twin[1]).find(value => value !== undefined && mine.includes(value))
    return assert({
      name: `no other host has its ${what}`,
      that: twin === undefined || (what === 'product_uuid' && sharedProductUuid),
      message: `${host} and ${twin?.[0]} have the same ${what}: ${shared}`,
      remedy,
    })
  })
}
