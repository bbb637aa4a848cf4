import type { Scalar } from 'yaml'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Place } from './inventory.ts'
import { warning } from './place.ts'

/** Ansible reads YAML 1.1; these bare words are booleans there and text in YAML 1.2. */
export const OLD_BOOLEANS: ReadonlyMap<string, boolean> = new Map(
  ['yes', 'no', 'on', 'off'].flatMap(word => {
    const value = word === 'yes' || word === 'on'
    return [word, word.toUpperCase(), word[0]?.toUpperCase() + word.slice(1)].map((text): [string, boolean] => [text, value])
  }),
)

/** A warning where a bare scalar silently becomes something else than an Ansible user expects. Whether `yes` is a trap depends on the schema: see validate-vars. */
export function trap(node: Scalar, place: () => Place): Diagnostic | undefined {
  const { source, value } = node
  if (node.type !== 'PLAIN' || source === undefined) {
    return node.tag !== '!unsafe' && node.tag !== '!vault' && typeof value === 'string' && /\{\{.*\}\}|\{%.*%\}/s.test(value) ? jinja(place()) : undefined
  }
  if (typeof value === 'string') return /\{\{.*\}\}|\{%.*%\}/s.test(value) && node.tag !== '!unsafe' ? jinja(place()) : undefined
  if (typeof value !== 'number') return undefined
  if (/^0[0-7]+$/.test(source)) return warning(place(), `\`${source}\` is the decimal number ${value} here, not octal as in Ansible`, `write 0o${source.replace(/^0+/, '') || '0'} for the octal number or '${source}' for the text`)
  if (/^\d+\.\d*0$/.test(source)) return warning(place(), `\`${source}\` is the number ${value}: its last zero is lost`, `write '${source}' if it is a version or another text`)
  if (/^[-+]?\d+$/.test(source) && !Number.isSafeInteger(value)) return warning(place(), `\`${source}\` is too long for a number: digits are lost`, `write '${source}' as text`)
  return undefined
}

function jinja(place: Place): Diagnostic {
  return warning(place, 'Jinja templates are not evaluated: the text is taken as it stands', 'compute the value in the role or the playbook; `!unsafe` says that the text is meant')
}
