import { expect, test } from 'vitest'
import { withoutComments } from '../../engine/model/shell-text.ts'
import { file } from '../../engine/resources/file.ts'
import { group } from '../../engine/resources/group.ts'
import { pkg } from '../../engine/resources/package.ts'
import { service } from '../../engine/resources/service.ts'
import { systemdUnit } from '../../engine/resources/systemd-unit.ts'

test.each([
  ['# why\nx\n', 'x\n'],
  ['f() {\n  # why\n  x\n}\n', 'f() {\n  x\n}\n'],
  ['echo "${x#y}" # z\n', 'echo "${x#y}" # z\n'],
  ['#!/bin/sh\n#x\n', '#!/bin/sh\n#x\n'],
  ['# no newline', '# no newline'],
])('of %j goes %j to a host', (text, goes) => expect(withoutComments(text)).toBe(goes))

test.each([file({ path: '/x', content: '' }), group({ name: 'x' }), pkg({ name: 'curl' }), service({ name: 'x', enabled: true }), systemdUnit({ name: 'x', content: '' })])('$kind sends no comments along', ({ helpers = '' }) => {
  expect(helpers).toMatch(/^tsp_\w+\(\)/m)
  expect(helpers).not.toMatch(/^ *# /m)
})
