import { isIP, isIPv6, SocketAddress } from 'node:net'
import { joined, linesOf } from './line-edit.ts'

/** An address and the names it should have, the canonical one first. */
export interface HostsWish {
  readonly address: string
  readonly names: readonly string[]
}

interface HostsLine {
  readonly written: string
  readonly address: string
  readonly names: readonly string[]
  /** From `#` on; empty where there is none. */
  readonly comment: string
}

/**
 * The text of a hosts file in which one line, the first of the address, has the names in this order and then those it had before; further lines of the
 * address are folded into it, and no other address of its family has any of the names. Comments stay, lines that need no change stay byte for byte.
 */
export function withEntry(text: string, wish: HostsWish): string {
  const lines = linesOf(text).map(parseLine)
  const mine = lines.filter(line => isSame(line.address, wish.address))
  const [first] = mine
  const known = new Set(wish.names.map(lower))
  const others = mine.flatMap(line => line.names).filter(name => !known.has(lower(name)) && known.add(lower(name)))
  const names = [...wish.names, ...others]
  const edited = lines.flatMap(line => {
    if (line === first) return [rewritten(line, names)]
    if (isSame(line.address, wish.address)) return line.comment ? [line.comment] : []
    return isIPv6(line.address) === isIPv6(wish.address) ? without(line, wish.names) : [line.written]
  })
  return settled(text, first ? edited : [...edited, `${wish.address}\t${names.join(' ')}`])
}

/** The text in which no line of the address has any of the names. */
export function withoutEntry(text: string, { address, names }: HostsWish): string {
  return settled(text, linesOf(text).map(parseLine).flatMap(line => (isSame(line.address, address) ? without(line, names) : [line.written])))
}

function parseLine(written: string): HostsLine {
  const hash = written.indexOf('#')
  const [address = '', ...names] = (hash < 0 ? written : written.slice(0, hash)).trim().split(/\s+/)
  return { written, address: isIP(address) ? address : '', names, comment: hash < 0 ? '' : written.slice(hash) }
}

/** A line without some names; none at all where nothing is left of it. */
function without(line: HostsLine, names: readonly string[]): string[] {
  const kept = line.names.filter(name => !names.some(other => lower(other) === lower(name)))
  if (line.address === '' || kept.length === line.names.length) return [line.written]
  if (kept.length === 0) return line.comment ? [line.comment] : []
  return [rewritten(line, kept)]
}

function rewritten(line: HostsLine, names: readonly string[]): string {
  if (names.length === line.names.length && names.every((name, index) => name === line.names[index])) return line.written
  return `${line.address}\t${names.join(' ')}${line.comment && ` ${line.comment}`}`
}

/** A file whose lines are as they were keeps its bytes, also a last line without newline. */
function settled(text: string, lines: readonly string[]): string {
  return joined(lines) === joined(linesOf(text)) ? text : joined(lines)
}

/** Names of hosts know no case (RFC 4343). */
function lower(name: string): string {
  return name.toLowerCase()
}

/** IPv6 has many spellings of one address. */
function isSame(one: string, other: string): boolean {
  return isIPv6(one) && isIPv6(other) ? canonical(one) === canonical(other) : one === other
}

function canonical(address: string): string {
  const [bare = '', zone = ''] = address.split('%')
  return `${new SocketAddress({ address: bare, family: 'ipv6' }).address}%${zone}`
}
