/** Text of which only parts are known: the first piece begins it, the last one ends it, and between two of them there may be anything. */
export type Expectation = readonly string[]

/** An expectation from text and gaps (`undefined`), in their order. */
export function expectation(parts: readonly (string | undefined)[]): Expectation {
  return parts.reduce<string[]>((pieces, part) => (part === undefined ? [...pieces, ''] : [...pieces.slice(0, -1), (pieces.at(-1) ?? '') + part]), [''])
}

/** A text that answers the expectation. */
export function example(expectation: Expectation): string {
  return expectation.join('0')
}

/** What is expected has no more bytes than this, or the shell that compares would take longer than a round trip. */
export const EXPECTED_BYTES = 4096

/** Whether a shell can compare a text with it. */
export function isExpectable(expectation: Expectation): boolean {
  const text = expectation.join('')
  // What was no UTF-8 on the host is U+FFFD here, and cannot be expected there.
  return Buffer.byteLength(text) <= EXPECTED_BYTES && !/[\0\uFFFD]/.test(text)
}
