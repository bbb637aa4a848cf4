/**
 * What a host says must never steer the terminal that shows it: a file name may hold an escape sequence, a value an override that turns text
 * around. Here such characters become visible.
 *
 * Unsafe are control characters but tab and newline (C1 too: U+009B is a CSI of its own), format characters (they change the direction of
 * writing or show as nothing), line and paragraph separators, and halves of surrogate pairs.
 */
const UNSAFE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/** Text as a terminal may show it; newlines and tabs stay. */
export function printable(text: string): string {
  return text.replaceAll(UNSAFE, visible)
}

/** Text on one line: newlines and tabs become visible too. */
export function oneLine(text: string): string {
  return printable(text).replaceAll('\n', String.raw`\n`).replaceAll('\t', String.raw`\t`)
}

/** JSON escapes C0 only; the other unsafe characters can only stand inside its strings, where `\uXXXX` means the same. */
export function printableJson(json: string): string {
  return json.replaceAll(UNSAFE, found => found.split('').map(unit => `\\u${hex(unit.charCodeAt(0), 4)}`).join(''))
}

function visible(found: string): string {
  const code = found.codePointAt(0) ?? 0
  if (code === 0x0d) return String.raw`\r`
  if (code <= 0xff) return `\\x${hex(code, 2)}`
  return code <= 0xffff ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 1)}}`
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0')
}
