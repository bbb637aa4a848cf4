/** What a host name of the inventory stands for. */
export type Expanded = { readonly names: readonly string[] } | { readonly problem: string; readonly hint: string }

/** Hosts that one name may stand for. */
const MAX_HOSTS = 65_536
const RANGE = /\[([^[\]]*:[^[\]]*)\]/

/**
 * Expands `w[1:3]` (w1, w2, w3), `w[01:10:2]` (w01, w03, …; zeros are kept), `db-[a:c]`, and several ranges in one name.
 * Both ends are included; the third part is the step, default 1.
 */
export function expandRange(pattern: string): Expanded {
  const match = RANGE.exec(pattern)
  if (!match) {
    if (/[[\]]/.test(pattern)) return wrong(pattern, 'brackets hold a range')
    return { names: [pattern] }
  }
  const items = rangeItems(match[1] ?? '')
  if (typeof items === 'string') return wrong(pattern, items)
  const rest = expandRange(pattern.slice(match.index + match[0].length))
  if ('problem' in rest) return rest
  const before = pattern.slice(0, match.index)
  if (items.length * rest.names.length > MAX_HOSTS) return wrong(pattern, `it stands for more than ${MAX_HOSTS} hosts`)
  return { names: items.flatMap(item => rest.names.map(tail => `${before}${item}${tail}`)) }
}

function rangeItems(range: string): readonly string[] | string {
  const [first = '', last = '', step = '1', more] = range.split(':')
  if (more !== undefined || !/^[1-9]\d{0,5}$/.test(step)) return 'a range is [first:last] or [first:last:step], with a step of at least 1'
  if (/^\d{1,9}$/.test(first) && /^\d{1,9}$/.test(last)) {
    if (first.length > 1 && first.startsWith('0') && first.length !== last.length) return 'with a leading zero both ends have the same number of digits'
    const width = first.startsWith('0') ? first.length : 0
    return sequence(Number(first), Number(last), Number(step))?.map(item => String(item).padStart(width, '0')) ?? 'the range is empty or too long'
  }
  if (LETTERS.some(letters => letters.test(first) && letters.test(last)))
    return sequence(first.charCodeAt(0), last.charCodeAt(0), Number(step))?.map(item => String.fromCharCode(item)) ?? 'the range is empty'
  return 'the ends of a range are two numbers, or two letters of the same case'
}

const LETTERS = [/^[a-z]$/, /^[A-Z]$/]

function sequence(first: number, last: number, step: number): readonly number[] | undefined {
  const length = Math.floor((last - first) / step) + 1
  return length < 1 || length > MAX_HOSTS ? undefined : Array.from({ length }, (_, index) => first + index * step)
}

function wrong(pattern: string, why: string): Expanded {
  return { problem: `host range \`${pattern}\`: ${why}`, hint: 'ranges look like w[1:3], w[01:10:2] or db-[a:c]' }
}
