import { fact, sh } from 'ts-play'

/** An IPv4 address of a host and the interface that holds it. */
export interface InterfaceAddress {
  readonly interface: string
  readonly address: string
  readonly prefix: number
}

export const addresses = fact({ name: 'addresses', query: sh`ip -o -4 address show`, parse: parseAddresses })

/** One line each: `2: eth0    inet 10.0.0.5/24 brd 10.0.0.255 scope global eth0\ …`. */
export function parseAddresses(stdout: string): readonly InterfaceAddress[] {
  return stdout.split('\n').flatMap(line => {
    const match = /^\d+:\s+([^\s@]+)\S*\s+inet\s+([\d.]+)(?:\s+peer\s+[\d.]+)?(?:\/(\d+))?/.exec(line)
    return match?.[1] === undefined || match[2] === undefined ? [] : [{ interface: match[1], address: match[2], prefix: Number(match[3] ?? 32) }]
  })
}

export function holderOf(address: string, all: readonly InterfaceAddress[]): InterfaceAddress | undefined {
  return all.find(each => each.address === address)
}
