import fc from 'fast-check'
import { expect, test } from 'vitest'
import { name, pad, row, width } from '../../engine/render/cells.ts'
import { duration, elapsed } from '../../engine/render/duration.ts'

test.each([['plain', 5], ['é', 1], ['e\u0301', 1], ['名前', 4], ['✔ ok', 4], ['🙂', 2], ['', 0], ['→', 1]])('%s takes %i columns', (text, columns) => {
  expect(width(text)).toBe(columns)
})

test('a row is never wider than its terminal, and whole where it fits', () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: 'grapheme' }).map(text => name(text, 30))), fc.integer({ min: 1, max: 120 }), (texts, columns) => {
    const shown = row(texts.map(text => ({ text })), columns)
    expect(width(shown)).toBeLessThanOrEqual(columns)
    if (width(texts.join('')) <= columns) expect(shown).toBe(texts.join(''))
    else expect(shown.endsWith('…')).toBe(true)
  }))
})

test('cutting a row never loses the end of a colour', () => {
  const red = (text: string): string => `<${text}>`
  expect(row([{ text: 'abc' }, { text: 'defgh', brush: red }, { text: 'ijk' }], 6)).toBe('abc<de>…')
})

test('names are made safe, cut and padded by columns', () => {
  expect(name('a\nb', 10)).toBe(String.raw`a\nb`)
  expect(name('名前名前', 5)).toBe('名前…')
  expect(pad('名前', 6)).toBe('名前  ')
})

test.each([[0, '0 ms'], [850.4, '850 ms'], [999.9, '1.0 s'], [12_400, '12.4 s'], [59_940, '59.9 s'], [59_960, '1 min 00 s'], [125_000, '2 min 05 s'], [3_720_000, '1 h 02 min'], [-3, '0 ms']])('%i milliseconds are %s', (milliseconds, said) => {
  expect(duration(milliseconds)).toBe(said)
})

test.each([[0, '0 s'], [900, '1 s'], [59_400, '59 s'], [59_600, '1 min 00 s']])('after %i milliseconds %s have passed', (milliseconds, said) => {
  expect(elapsed(milliseconds)).toBe(said)
})
