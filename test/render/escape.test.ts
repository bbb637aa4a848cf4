import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Event } from '../../engine/model/event.ts'
import { oneLine, printable } from '../../engine/render/escape.ts'
import { encodeEvent } from '../../engine/render/json.ts'
import { decodeEvent } from '../../engine/render/replay.ts'
import { checkRun } from './support/check-run.ts'
import { failingRun } from './support/failing-run.ts'
import { shown } from './support/shown.ts'
import { Terminal } from './support/terminal.ts'

/** Written without the pattern under test: code points, as the Unicode tables list them. */
const ranges: readonly (readonly [number, number])[] = [
  [0x00, 0x08], [0x0b, 0x1f], [0x7f, 0x9f], [0xad, 0xad], [0x61c, 0x61c], [0x200b, 0x200f], [0x2028, 0x202e], [0x2060, 0x2064], [0x2066, 0x206f],
  [0xd800, 0xdfff], [0xfeff, 0xfeff], [0xe0001, 0xe0001], [0xe0020, 0xe007f],
]
const isUnsafe = (character: string): boolean => ranges.some(([from, to]) => (character.codePointAt(0) ?? 0) >= from && (character.codePointAt(0) ?? 0) <= to)
const unsafe = (text: string): string[] => Array.from(text).filter(isUnsafe)

const nasty = fc.string({
  unit: fc.oneof(
    { weight: 3, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
    { weight: 3, arbitrary: fc.constantFrom(...ranges.flat().map(code => String.fromCodePoint(code))) },
    { weight: 1, arbitrary: fc.constantFrom('\n', '\t', '\r\n', '\u001b[2J', '\u001b]0;owned\u0007', '\u009b31m', '\u202eevil', '%s', '$&', '\\', 'é', '名', '🙂') },
  ),
  maxLength: 40,
})

test('no text keeps a character that could steer a terminal', () => {
  fc.assert(fc.property(nasty, text => {
    expect(unsafe(printable(text))).toEqual([])
    expect(unsafe(oneLine(text))).toEqual([])
    expect(oneLine(text)).not.toMatch(/[\n\t]/)
  }))
})

test('text without such characters is shown as it is', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }).filter(text => !/[\p{Cf}\p{Zl}\p{Zp}]/u.test(text)), text => {
    expect(printable(text)).toBe(text)
  }))
})

test('what is escaped can be read', () => {
  expect(printable('a\u2028b\u2029c')).toBe(String.raw`a\u2028b\u2029c`)
  expect(oneLine('a\u001b[31mb\r\n\u009bc\u202ed\u{e0041}\ud800')).toBe(String.raw`a\x1b[31mb\r\n\x9bc\u202ed\u{e0041}\ud800`)
})

/** The same event with every text in it made nasty, the same text always alike; words that events are told apart by stay. */
function poisoned(value: unknown, strings: readonly string[], key = ''): unknown {
  if (typeof value === 'string') return ['type', 'effect', 'mode', 'reason', 'purpose', 'level'].includes(key) ? value : value + strings[value.length % strings.length]
  if (Array.isArray(value)) return value.map(item => poisoned(item, strings))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, poisoned(item, strings, name)]))
}

function poison(events: readonly Event[], strings: readonly string[]): Event[] {
  return events.map(event => {
    const decoded = decodeEvent(JSON.stringify(poisoned(event, strings)))
    if (typeof decoded !== 'object') throw new Error(decoded)
    return decoded
  })
}

const texts = fc.array(nasty, { minLength: 1, maxLength: 5 })
const recordings = { failing: failingRun(), check: checkRun() }
const recording = fc.constantFrom('failing' as const, 'check' as const)

test('whatever texts a run holds, its log has no character that could steer a terminal', async () => {
  await fc.assert(fc.asyncProperty(recording, texts, async (which, strings) => {
    expect(unsafe(await shown(poison(recordings[which], strings), { diff: true, verbose: true }))).toEqual([])
  }), { numRuns: 40 })
})

test('whatever texts a run holds, the live view writes its own escape sequences only', async () => {
  await fc.assert(fc.asyncProperty(recording, texts, async (which, strings) => {
    const terminal = new Terminal(60, 12)
    await shown(poison(recordings[which], strings), { kind: 'tree', write: terminal.write, size: () => terminal, diff: true, verbose: true })
    expect(unsafe(terminal.text)).toEqual([])
  }), { numRuns: 40 })
})

test('whatever texts a run holds, JSON lines are safe to show and read back as they were', () => {
  fc.assert(fc.property(recording, texts, (which, strings) => {
    for (const event of poison(recordings[which], strings)) {
      const line = encodeEvent(event)
      expect(unsafe(line)).toEqual([])
      expect(line).not.toContain('\n')
      expect(decodeEvent(line)).toEqual(event)
    }
  }), { numRuns: 40 })
})
