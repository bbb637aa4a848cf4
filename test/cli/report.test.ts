import { describe, expect, test } from 'vitest'
import { report } from '../../engine/cli/report.ts'
import type { Diagnostic } from '../../engine/model/diagnostic.ts'

const at = (line: number, more: Partial<Diagnostic> = {}): Diagnostic => ({ severity: 'error', file: '/srv/prod.yaml', line, column: 5, message: '`port`: expected a number', ...more })

describe('what is wrong with what the user wrote', () => {
  test('is told once for all roles that want it, the first three by name', () => {
    expect(report(['a', 'b', 'a', 'c', 'd', 'e'].map(role => at(3, { roles: [role] })), '/srv')).toBe('error: prod.yaml:3:5: `port`: expected a number (roles a, b, c and 2 more)\n')
  })

  test('is told once for all its places, the first of them with its line', () => {
    expect(report([at(3, { source: '    port: x', length: 4, roles: ['a'] }), at(3, { roles: ['b'] }), at(9, { roles: ['a'] })], '/srv')).toBe('error: prod.yaml:3:5: `port`: expected a number (roles a, b)\n      port: x\n      ~~~~\n  the same at prod.yaml:9:5\n')
  })

  test('stays apart where the next step is another one', () => {
    expect(report([at(3, { hint: 'write 1' }), at(3, { hint: 'write 2' })], '/elsewhere')).toBe('error: /srv/prod.yaml:3:5: `port`: expected a number\n  write 1\nerror: /srv/prod.yaml:3:5: `port`: expected a number\n  write 2\n')
  })
})
