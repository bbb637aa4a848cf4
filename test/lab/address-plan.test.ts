import { describe, expect, it } from 'vitest'
import { hostAddress, networkOf } from './address-plan.ts'
import { hostsOf } from './topology.ts'

describe('address plan', () => {
  it.each([['lb1', 11], ['lb9', 19], ['cp1', 21], ['cp9', 29], ['w1', 31], ['w9', 39], ['h1', 41], ['h50', 90]])('%s is .%i', (name, number) => {
    expect(hostAddress('10.203.7.0/24', name)).toBe(`10.203.7.${number}`)
  })

  it.each(['cp0', 'cp10', 'h51', 'CP1', 'x1', 'w', ''])('knows no host %o', name => {
    expect(() => hostAddress('10.203.7.0/24', name)).toThrow(TypeError)
  })

  it.each(['10.203.7.1/24', '10.203.7.0/16', '10.203.7.0', ''])('takes no subnet %o', subnet => {
    expect(() => networkOf(subnet)).toThrow(TypeError)
  })

  it('has a host for every name in a topology', () => {
    expect(hostsOf([])).toEqual(['lb1', 'lb2', 'cp1', 'cp2', 'cp3', 'w1', 'w2'])
    expect(hostsOf(['one', 'w3'])).toEqual(['cp1', 'w3'])
  })
})
