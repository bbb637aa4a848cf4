import { describe, expect, test } from 'vitest'
import { swap } from '../../engine/resources/swap.ts'
import { applied, expectToParse, plan } from './support/golden.ts'

const off = swap({ state: 'off' })
const everything = `active /dev/sda2
active /swap.img
fstab UUID=0a-1b none swap sw 0 0
fstab /swap.img\tnone\tswap\tsw,pri=5\t0\t0
unit dev-zram0.swap
service zramswap.service
`

describe('swap', () => {
  test('that is off stays untouched', () => expect(plan(off, '')).toEqual([]))

  test.each([
    ['in use', 'active /dev/sda2\n', ['active: /dev/sda2 → absent'], ['swapoff -a']],
    ['back with the next boot', 'fstab /swap.img none swap sw 0 0\n', [String.raw`fstab: "/swap.img none swap sw 0 0\n" → "# swap is off (ts-play): /swap.img none swap sw 0 0\n"`], ['tsp_put /etc/fstab', 'systemctl daemon-reload']],
    ['of zram-generator', 'unit dev-zram0.swap\n', ['units: dev-zram0.swap → masked'], ['systemctl mask -- dev-zram0.swap']],
    ['of zram-tools', 'service zramswap.service\n', ['services: zramswap.service → disabled'], ['systemctl disable --now -- zramswap.service']],
  ])('%s', (_, probed, changes, steps) => {
    expect(plan(off, probed)).toEqual(changes)
    const script = applied(off, probed)
    for (const step of steps) expect(script).toContain(step)
    // No system call about swap where none is on.
    expect(script.includes('swapoff')).toBe(probed.startsWith('active'))
  })

  test('of every kind goes, what would bring it back first', () => {
    expect(plan(off, everything).map(line => line.slice(0, line.indexOf(':')))).toEqual(['active', 'fstab', 'units', 'services'])
    const script = applied(off, everything)
    const order = ['tsp_put /etc/fstab', 'disable --now', 'systemctl mask', 'swapoff -a'].map(step => script.indexOf(step))
    expect(order).toEqual(order.toSorted((left, right) => left - right))
    expectToParse(off)
  })
})
