import type { Change, Shown } from '../model/change.ts'
import { oneLine } from './escape.ts'

const LONGEST_VALUE = 40
const MOST_CHANGES = 4

/** What differs, on one line: `mode 0644 → 0600, content`. Destroys come first and are marked. */
export function changeSummary(changes: readonly Change[]): string {
  const parts = destroysFirst(changes).map(summary)
  const more = parts.length - MOST_CHANGES
  return more > 0 ? `${parts.slice(0, MOST_CHANGES).join(', ')} and ${more} more` : parts.join(', ')
}

/** Nobody may overlook a loss of data behind harmless changes. */
export function destroysFirst(changes: readonly Change[]): readonly Change[] {
  return [...changes.filter(change => change.effect === 'destroys'), ...changes.filter(change => change.effect !== 'destroys')]
}

function summary(change: Change): string {
  const attribute = oneLine(change.attribute)
  switch (change.effect) {
    case 'modifies':
      return transition(attribute, change.from, change.to)
    case 'destroys':
      return `DESTROYS ${transition(attribute, change.from, change.to)}${change.permitted ? '' : ' (by --allow-destroy only)'}`
    case 'runs':
      return `runs ${attribute}`
    case 'waits':
      return `waits for ${attribute}`
  }
}

/** `mode 0644 → 0600`; a text is only named, because its lines belong into a diff. */
function transition(attribute: string, from: Shown, to: Shown): string {
  if (from.type === 'secret' || to.type === 'secret') return `${attribute} ${secretChange(from, to)}`
  if (from.type === 'text' || to.type === 'text') return from.type === 'absent' ? `${attribute} new` : to.type === 'absent' ? `${attribute} removed` : attribute
  return `${attribute} ${brief(from)} → ${brief(to)}`
}

/** That a secret differs is all that may be said. */
export function secretChange(from: Shown, to: Shown): string {
  if (from.type === 'absent') return '(secret added)'
  return to.type === 'absent' ? '(secret removed)' : '(secret changed)'
}

function brief(shown: Shown): string {
  if (shown.type !== 'value') return shown.type
  const whole = shown.value === '' ? "''" : oneLine(shown.value)
  return whole.length > LONGEST_VALUE ? `${whole.slice(0, LONGEST_VALUE - 1)}…` : whole
}
