import { describe, expect, test } from 'vitest'
import { kernelModule } from '../../engine/resources/kernel-module.ts'
import { applied, expectToParse, plan } from './support/golden.ts'

const file = '/etc/modules-load.d/ts-play-br_netfilter.conf'
const bridge = kernelModule({ name: 'br_netfilter' })

describe('a kernel module', () => {
  test.each([
    ['not loaded', 'no\nno\n', ['loaded: false → true', `persisted: absent → ${file}`]],
    ['loaded until the next boot', 'module\nno\n', [`persisted: absent → ${file}`]],
    ['loaded at the next boot', 'no\nyes\n', ['loaded: false → true']],
    ['loaded and persisted', 'module\nyes\n', []],
    ['built in', 'built-in\nno\n', []],
  ])('%s', (_, probed, changes) => {
    expect(plan(bridge, probed)).toEqual(changes)
    if (changes.length > 0) applied(bridge, probed)
  })

  test('is loaded only, when asked for', () => {
    const task = kernelModule({ name: 'br_netfilter', persist: false })
    expect(plan(task, 'no\nno\n')).toEqual(['loaded: false → true'])
    expect(applied(task, 'no\nno\n')).not.toContain('tsp_put')
  })

  test('is asked for by whichever spelling', () => {
    expect(kernelModule({ name: 'br-netfilter' }).id).toBe('br_netfilter')
    expectToParse(bridge)
    for (const name of ['', '-r', '../x', 'a b', '$(x)']) expect(() => kernelModule({ name }), name).toThrow('no name of a kernel module')
  })
})
