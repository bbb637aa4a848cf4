import { describe, expect, test } from 'vitest'
import { Secret } from '../../engine/model/secret.ts'
import { secretString } from '../../engine/secrets/secret-string.ts'

describe('the schema of a secret', () => {
  test('takes a Secret or text and gives a Secret', () => {
    const given = new Secret('abc')
    expect(secretString().parse(given)).toBe(given)
    expect(Secret.reveal(secretString().parse('abc'))).toBe('abc')
  })

  test.each([undefined, null, 5, '', new Secret(''), { a: 1 }])('refuses %s', value => {
    expect(secretString().safeParse(value).error?.issues.map(issue => issue.message)).toEqual(['expected a secret that is not empty'])
  })

  test('may be optional', () => {
    expect(secretString().optional().parse(undefined)).toBeUndefined()
  })
})
