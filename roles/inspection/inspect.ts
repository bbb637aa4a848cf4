import type { Look } from 'ts-play'
import type { InterfaceAddress } from '../kubernetes/addresses.ts'
import { floatingAddressOf, type Endpoint } from '../kubernetes/endpoint.ts'
import type { Inspection, Settings } from '../kubernetes/inspection.ts'
import type { Machine } from '../kubernetes/machine.ts'
import { clock, lookAround } from './look.ts'
import { parseSeen } from './parse.ts'

export interface Known extends Pick<Inspection, 'fresh' | 'memberVersion' | 'nodeAddress'> {
  readonly machine: Machine
  readonly addresses: readonly InterfaceAddress[]
  readonly endpoint: Endpoint
  readonly settings: Settings
}

/** Looks at one host, whatever its cluster is made by, and puts what was seen beside what is known of it. */
export async function inspect(on: Look, { machine, addresses, endpoint, settings, ...known }: Known): Promise<Inspection> {
  const asked = Date.now()
  const now = Number.parseFloat(await on.query(clock)) * 1000
  const within = (Date.now() - asked) / 2
  const { synchronized, ...seen } = parseSeen(await on.query(lookAround(floatingAddressOf(endpoint))))
  // The look may have begun at any time between question and answer.
  return { ...seen, ...known, machine, addresses, clock: { ahead: Math.round(now - (asked + within)), within: Math.ceil(within), synchronized }, settings }
}
