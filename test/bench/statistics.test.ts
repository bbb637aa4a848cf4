import { describe, expect, test } from 'vitest'
import { runsWithin, summary } from './statistics.ts'

describe('a summary', () => {
  test.each([
    [[3], { median: 3, least: 3, most: 3, runs: 1 }],
    [[9, 1, 5], { median: 5, least: 1, most: 9, runs: 3 }],
    [[4, 1, 3, 2], { median: 2.5, least: 1, most: 4, runs: 4 }],
    [[10, 9, 100], { median: 10, least: 9, most: 100, runs: 3 }],
  ])('of %j is the middle, the ends and the count', (values, expected) => expect(summary(values)).toEqual(expected))

  test('of nothing is a mistake', () => expect(() => summary([])).toThrow(RangeError))
})

test.each([
  [{ first: 1_000, wanted: 5, budget: 60_000 }, 5],
  [{ first: 25_000, wanted: 5, budget: 60_000 }, 2],
  [{ first: 90_000, wanted: 5, budget: 60_000 }, 1],
  [{ first: 90_000, wanted: 5, budget: Infinity }, 5],
])('of %j come %i runs', (given, expected) => expect(runsWithin(given)).toBe(expected))
