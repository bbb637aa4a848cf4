/** Which line, and where it goes if it is new. The patterns are JavaScript regular expressions, each tried on one line without its newline. */
export interface LineWish {
  readonly line: string
  readonly match?: RegExp | undefined
  readonly after?: RegExp | undefined
  readonly before?: RegExp | undefined
}

/**
 * The text with the line in it: in the place of the last line that matches; or, if none does and the line is not there as it stands, after the last line
 * that matches `after`, before the last that matches `before`, or at the end. Doing it twice is doing it once, given that `match` matches the line.
 */
export function withLine(text: string, { line, match, after, before }: LineWish): string {
  const lines = linesOf(text)
  const matched = match ? lines.findLastIndex(candidate => match.test(candidate)) : -1
  if (matched >= 0) return lines[matched] === line ? text : joined(lines.with(matched, line))
  if (lines.includes(line)) return text
  const anchor = after ? lines.findLastIndex(candidate => after.test(candidate)) : before ? lines.findLastIndex(candidate => before.test(candidate)) : -1
  return joined(lines.toSpliced(anchor < 0 ? lines.length : after ? anchor + 1 : anchor, 0, line))
}

/** The text without any line that matches, or without the line where there is no pattern. */
export function withoutLine(text: string, { line, match }: { readonly line?: string | undefined; readonly match?: RegExp | undefined }): string {
  const lines = linesOf(text)
  const kept = lines.filter(candidate => !(match ? match.test(candidate) : candidate === line))
  return kept.length === lines.length ? text : joined(kept)
}

/** Lines without their newlines; a last one that has none counts as a line too. */
export function linesOf(text: string): string[] {
  if (text === '') return []
  const lines = text.split('\n')
  return text.endsWith('\n') ? lines.slice(0, -1) : lines
}

/** Lines as a text, each with its newline: an edited file always ends in one (POSIX, 3.185 "Line"). */
export function joined(lines: readonly string[]): string {
  return lines.map(line => `${line}\n`).join('')
}
