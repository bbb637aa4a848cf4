import { assert, type Item, type Member } from 'ts-play'
import { holderOf, type InterfaceAddress } from './addresses.ts'
import { contains } from './cidr.ts'
import { nodeAddressOf } from './node-address.ts'

export interface FloatingAddress {
  readonly host: string
  readonly vip: string
  /** Address of this host in the network of the floating one. */
  readonly ownAddress: string
  /** Of this host. */
  readonly addresses: readonly InterfaceAddress[]
  /** The user's choice. */
  readonly interface: string | undefined
  /** Everybody whose address it must not be. */
  readonly machines: readonly Member[]
  /** Routers are told where it is, so it need not be of the hosts' network. */
  readonly routed?: boolean
}

/** The interface that holds a floating address when this host has it. */
export function floatingInterface({ interface: chosen, ownAddress, addresses }: Pick<FloatingAddress, 'interface' | 'ownAddress' | 'addresses'>): string {
  return chosen ?? holderOf(ownAddress, addresses)?.interface ?? 'unknown'
}

/** What has to hold before an address may float on this host. */
export function mayFloat({ host, vip, ownAddress, addresses, interface: chosen, machines, routed = false }: FloatingAddress): Item[] {
  const holder = holderOf(ownAddress, addresses)
  const known = addresses.map(each => `${each.interface} ${each.address}`).join(', ')
  const owner = machines.find(machine => machine.address === vip || nodeAddressOf(machine) === vip)
  return [
    assert({
      name: 'the address of this host is on one of its interfaces',
      that: holder !== undefined || chosen !== undefined,
      message: `no interface of ${host} has ${ownAddress}: ${known}`,
      remedy: 'set nodeAddress to an address of the host, or name the interface with endpointInterface',
    }),
    assert({
      name: 'the interface for the floating address is there',
      that: chosen === undefined || addresses.some(each => each.interface === chosen),
      message: `${host} has no interface ${chosen} with an address: ${known}`,
      remedy: 'set endpointInterface for this host to one of them',
    }),
    assert({ name: 'the floating address belongs to no machine', that: owner === undefined, message: `${vip} is the address of ${owner?.name}`, remedy: 'choose a free address of the same network for endpoint.vip' }),
    assert({
      name: 'the floating address is of the same network',
      that: routed || holder === undefined || contains(`${holder.address}/${holder.prefix}`, vip),
      message: `${vip} is not in ${holder?.address}/${holder?.prefix}: machines of that network would not find it`,
      remedy: 'choose an address of this host’s own network for endpoint.vip',
    }),
  ]
}
