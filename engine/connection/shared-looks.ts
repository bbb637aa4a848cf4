import { quote } from '../model/command.ts'
import type { Section, SharedLook } from '../model/session.ts'
import { sourced, type HelperNumbers } from './helper.ts'

/** Bytes of words for one look; who has words beyond that looks by itself. Linux takes 2 MiB of arguments. */
const MOST_BYTES = 256 * 1024

/** What is looked at for many sections at once. */
export interface SharedLooks {
  /** The sh text that looks. */
  readonly program: string
  /** The section that it goes before: the first one that shares. What comes earlier may take the host's lock, and nothing is looked at before. */
  readonly first: number
  /** By section: what tells it which of the words are its own. */
  readonly places: readonly string[]
  /** By section: a condition that is true once it has printed what the section would; none where there is no such way. */
  readonly says: readonly (string | undefined)[]
}

interface Look {
  readonly helper: number
  readonly words: Map<string, number>
  bytes: number
  sections: number
}

/**
 * Puts together what sections of a query share. What only one of them wants it does itself.
 *
 * The functions run in the shell that forks the sections, so all that they set is there for them. A section is told its word's number only where the function
 * ran in this very frame: what an earlier frame left in variables is never taken for an answer.
 */
export function sharedLooks(sections: readonly Section[], helpers: HelperNumbers): SharedLooks {
  const looks = new Map<string, Look>()
  for (const { shares = [], helpers: text } of sections) {
    const helper = text === undefined ? undefined : helpers.get(text)
    if (helper === undefined) continue
    for (const { by, word } of shares) {
      const look = looks.get(by) ?? { helper, words: new Map<string, number>(), bytes: 0, sections: 0 }
      looks.set(by, look)
      look.sections++
      if (look.words.has(word) || look.bytes + word.length > MOST_BYTES) continue
      look.words.set(word, look.words.size)
      look.bytes += word.length + 1
    }
  }
  const worth = [...looks].filter(([, { sections: users }]) => users > 1)
  const numbers = new Map(worth.map(([by], index) => [by, index]))
  const program = worth.map(([by, { helper, words }], index) => {
    const given = [...words.keys()].map(word => ` ${quote(word)}`).join('')
    return `_t_l${index}=; ${sourced(helper)}[ "$_t_h" != ${helper} ] || { ${by}${given}; _t_l${index}=1; }\n`
  })
  const numbered = ({ by, word }: SharedLook): { readonly look: number; readonly number: number } | undefined => {
    const [look, number] = [numbers.get(by), looks.get(by)?.words.get(word)]
    return look === undefined || number === undefined ? undefined : { look, number }
  }
  const placeOf = (shared: SharedLook): string => {
    const found = numbered(shared)
    return found ? `${shared.by}_at=\${_t_l${found.look}:+${found.number}}; ` : ''
  }
  const saysOf = (section: Section): string | undefined => {
    const only = onlyLook(section)
    const found = only && numbered(only)
    return found && `[ "$_t_l${found.look}" ] && ${[only.says.by, found.number, ...only.says.words.map(quote)].join(' ')}`
  }
  return {
    program: program.join(''),
    first: sections.findIndex(({ shares }) => shares !== undefined),
    places: sections.map(({ shares = [] }) => shares.map(placeOf).join('')),
    says: sections.map(saysOf),
  }
}

/** For a section between changes: a condition that is true once it has looked and printed what the section would; none where there is no such way. */
export function saysAlone(section: Section): string | undefined {
  const only = onlyLook(section)
  return only?.says.alone === undefined ? undefined : [only.says.alone, only.word, ...only.says.words].map(quote).join(' ')
}

/** The look that says all that the section would. */
function onlyLook({ shares = [], stdin }: Section): (SharedLook & Required<Pick<SharedLook, 'says'>>) | undefined {
  const [only, ...others] = shares
  return only?.says === undefined || others.length > 0 || stdin !== undefined ? undefined : { ...only, says: only.says }
}
