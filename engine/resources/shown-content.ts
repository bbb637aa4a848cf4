import { absent, hidden, modifies, text, value, type Change, type Shown } from '../model/change.ts'
import { Secret } from '../model/secret.ts'
import { DIFF_BYTES, type PathState } from './path-state.ts'
import { sha256 } from './staged-file.ts'

/** How the content of a file differs, as far as it may and can be shown. */
export function contentChanges(wanted: string | Secret<string>, state: PathState): Change[] {
  const content = state.type === 'file' ? state.content : undefined
  if (wanted instanceof Secret) {
    const same = content?.type === 'compare' && content.same
    return same ? [] : [modifies('content', content ? hidden : other(state), hidden)]
  }
  const sum = sha256(wanted)
  if (content?.type === 'hash' && content.sha256 === sum) return []
  const from = foundContent(state)
  // Two texts make a line by line diff; anything that cannot be shown as text makes a comparison of sums.
  const to = from.type !== 'value' && isShowable(wanted) ? text(wanted) : shownSum(sum)
  return [modifies('content', from, to)]
}

/** The same for content of which only the SHA-256 (lower-case hex) is known here. */
export function sumChanges(sum: string, state: PathState): Change[] {
  if (state.type !== 'file') return [modifies('content', other(state), shownSum(sum))]
  if (state.content.type === 'hash' && state.content.sha256 === sum) return []
  return [modifies('content', state.content.type === 'hash' ? shownSum(state.content.sha256) : hidden, shownSum(sum))]
}

function foundContent(state: PathState): Shown {
  if (state.type !== 'file' || state.content.type !== 'hash') return other(state)
  const { sha256: sum, text: found } = state.content
  return found !== undefined && isShowable(found) ? text(found) : shownSum(sum)
}

function shownSum(sum: string): Shown {
  return value(`sha256:${sum}`)
}

/** What is in the way where no file is. */
function other(state: PathState): Shown {
  return state.type === 'symlink' ? value(`symbolic link to ${state.target}`) : absent
}

/** Bytes that are no UTF-8 arrive as U+FFFD, so a text with one is not shown as if it were the file. */
function isShowable(content: string): boolean {
  return !/[\0\uFFFD]/.test(content) && Buffer.byteLength(content) <= DIFF_BYTES
}
