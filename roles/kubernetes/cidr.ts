/** A range of IPv4 addresses, by its first and last. */
export interface Range {
  readonly from: number
  readonly to: number
}

/** `10.244.0.0/16`, or a single address. @throws TypeError for anything else */
export function rangeOf(cidr: string): Range {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(cidr)
  if (match === null) throw new TypeError(`${JSON.stringify(cidr)} is no IPv4 range`)
  const [a = 0, b = 0, c = 0, d = 0, prefix = 32] = match.slice(1).map(part => (part === undefined ? 32 : Number(part)))
  const size = 2 ** (32 - prefix)
  const from = Math.floor((((a * 256 + b) * 256 + c) * 256 + d) / size) * size
  return { from, to: from + size - 1 }
}

export function overlap(one: string, other: string): boolean {
  const [a, b] = [rangeOf(one), rangeOf(other)]
  return a.from <= b.to && b.from <= a.to
}

export function contains(outer: string, inner: string): boolean {
  const [a, b] = [rangeOf(outer), rangeOf(inner)]
  return a.from <= b.from && b.to <= a.to
}

/** `10.0.0.200-10.0.0.220`, `10.0.0.192/27` or one address; `undefined` for anything else. */
export function addressRange(text: string): Range | undefined {
  const [first = '', last, ...more] = text.split('-')
  if (more.length > 0 || !isCidr(first) || (last !== undefined && (!isCidr(last) || `${first}${last}`.includes('/')))) return undefined
  const range = { from: rangeOf(first).from, to: rangeOf(last ?? first).to }
  return range.from <= range.to ? range : undefined
}

export function meet(one: Range, other: Range): boolean {
  return one.from <= other.to && other.from <= one.to
}

function isCidr(text: string): boolean {
  const [address = '', prefix = '32', ...more] = text.split('/')
  return more.length === 0 && /^\d{1,3}(\.\d{1,3}){3}$/.test(address) && address.split('.').every(part => Number(part) <= 255) && /^\d{1,2}$/.test(prefix) && Number(prefix) <= 32
}
