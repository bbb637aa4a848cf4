/**
 * A host's number in its lab's /24 follows from its name, so no state is needed to know an address, and an inventory
 * can be written down: load balancers 11-19, control planes 21-29, workers 31-39, anything else h1-h50 = 41-90.
 * .1 is the bridge; .100-.109 are left to virtual addresses.
 */
const kinds = { lb: { base: 10, most: 9 }, cp: { base: 20, most: 9 }, w: { base: 30, most: 9 }, h: { base: 40, most: 50 } } as const

/** @throws TypeError for a name the plan has no number for. */
export function hostNumber(name: string): number {
  const match = /^(lb|cp|w|h)([1-9][0-9]?)$/.exec(name)
  const kind = match?.[1] === 'lb' ? kinds.lb : match?.[1] === 'cp' ? kinds.cp : match?.[1] === 'w' ? kinds.w : kinds.h
  const index = Number(match?.[2] ?? 0)
  if (match === null || index > kind.most) throw new TypeError(`a lab host is called lb1-lb9, cp1-cp9, w1-w9 or h1-h50, not "${name}"`)
  return kind.base + index
}

/** The three octets that every address of a lab starts with: "10.203.7" for "10.203.7.0/24". */
export function networkOf(subnet: string): string {
  const match = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.0\/24$/.exec(subnet)
  if (match?.[1] === undefined) throw new TypeError(`a lab's subnet is an IPv4 /24 such as 10.203.7.0/24, not "${subnet}"`)
  return match[1]
}

export function hostAddress(subnet: string, name: string): string {
  return `${networkOf(subnet)}.${hostNumber(name)}`
}

export function bridgeAddress(subnet: string): string {
  return `${networkOf(subnet)}.1`
}
