import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { fingerprintsOf } from '../../engine/inventory/host-key-pins.ts'

const bytes = Buffer.from('\0\0\0\u000bssh-ed25519 and the key itself')
const print = `SHA256:${createHash('sha256').update(bytes).digest('base64').replace(/=+$/, '')}`
const line = `ssh-ed25519 ${bytes.toString('base64')}`

describe('a pinned host key', () => {
  test.each<[string, unknown, readonly string[] | undefined]>([
    ['a fingerprint', print, [print]],
    ['a fingerprint with base64’s filling', `${print}=`, [print]],
    ['a public key, whose fingerprint it is', line, [print]],
    ['a public key with a comment', ` ${line} root@cp1 `, [print]],
    ['a list of both', [print, line], [print, print]],
    ['an MD5 fingerprint', 'MD5:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff', undefined],
    ['a fingerprint that is cut off', print.slice(0, -1), undefined],
    ['something for a shell', `${print.slice(0, -1)})`, undefined],
    ['nothing', [], undefined],
    ['a number', 5, undefined],
    ['a list with one mistake', [print, 'no'], undefined],
  ])('may be %s, or is none', (_what, given, expected) => {
    expect(fingerprintsOf(given)).toEqual(expected)
  })
})
