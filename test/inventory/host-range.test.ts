import { describe, expect, test } from 'vitest'
import { expandRange } from '../../engine/inventory/host-range.ts'

describe('a host range', () => {
  test.each([
    ['m1', ['m1']],
    ['m[1:3]', ['m1', 'm2', 'm3']],
    ['m[1:1]', ['m1']],
    ['m[0:10:5]', ['m0', 'm5', 'm10']],
    ['m[01:10:4]', ['m01', 'm05', 'm09']],
    ['m[8:11]', ['m8', 'm9', 'm10', 'm11']],
    ['m[098:101]x', ['m098x', 'm099x', 'm100x', 'm101x']],
    ['[a:c]', ['a', 'b', 'c']],
    ['m[A:E:2]', ['mA', 'mC', 'mE']],
    ['r[1:2]h[a:b].x', ['r1ha.x', 'r1hb.x', 'r2ha.x', 'r2hb.x']],
  ])('%s stands for %j', (pattern, names) => {
    expect(expandRange(pattern)).toEqual({ names })
  })

  test.each(['m[3:1]', 'm[1:3:0]', 'm[1:3:-1]', 'm[:3]', 'm[1:]', 'm[a:3]', 'm[a:Z]', 'm[ab:c]', 'm[1:2:3:4]', 'm[1', 'm1]', 'm[]', 'm[01:100]', 'm[[1:2]]', 'm[1:65537]', 'm[1:300][1:300]'])('%s is refused', pattern => {
    expect(expandRange(pattern)).toMatchObject({ problem: expect.stringContaining(pattern.includes('300') ? 'more than' : 'host range') })
  })
})
