import { absent, modifies, text, value, type Change } from '../model/change.ts'
import { sh, type Command } from '../model/command.ts'
import type { Script } from '../model/script.ts'
import type { SectionResult } from '../model/session.ts'
import { attributeChanges, type Attributes } from './attributes.ts'
import { lookFile, mendsInPlace } from './file-probe.ts'
import type { TargetPath } from './path.ts'
import { DIFF_BYTES, parsePathState, type PathState } from './path-state.ts'
import { claimed, dressed, sha256, writeFile } from './staged-file.ts'

/** The largest file that is edited as text, in bytes: all of it travels in every probe. */
const EDITABLE_BYTES = 1024 * 1024

/** A text file as it is and as it should be. `before` is undefined where there is no file. */
export interface TextEdit {
  readonly target: TargetPath
  readonly found: PathState
  readonly before: string | undefined
  readonly after: string
  readonly attributes: Attributes
}

/** A probe of a file whose text is edited on the controller. It fails for a symbolic link: an edit means the file, and that has another name. */
export function probeText(target: TargetPath, missing: Command): Command {
  return sh`${lookFile(target, { type: 'text', upTo: EDITABLE_BYTES }, missing)}
if [ "$tsp_type" = symlink ]; then tsp_refuse ${target.whole}" is a symbolic link to $(readlink -n ${`./${target.name}`}). Name the file itself."; fi`
}

/** Reads the probe. @throws Error when the file is no UTF-8: writing it back would spoil the bytes that are none. */
export function parseText(output: SectionResult): PathState {
  const state = parsePathState(output.stdout)
  if (state.type === 'file' && state.content.type === 'text') {
    const { text: content } = state.content
    if (/[\0\uFFFD]/.test(content) || Buffer.byteLength(content) !== state.bytes) throw new Error('the file is not UTF-8 text, so its lines cannot be edited')
  }
  return state
}

export function textOf(state: PathState): string | undefined {
  return state.type === 'file' && state.content.type === 'text' ? state.content.text : undefined
}

export function textChanges({ found, before, after, attributes }: TextEdit): Change[] {
  const small = Math.max(before?.length ?? 0, after.length) <= DIFF_BYTES
  const show = (content: string) => (small ? text(content) : value(`sha256:${sha256(content)}`))
  const content = after === before ? [] : [modifies('content', before === undefined ? absent : show(before), show(after))]
  const changes = [...content, ...attributeChanges(attributes, found.type === 'file' ? found : undefined)]
  return changes.length > 0 ? [...changes, ...claimed({ found, attributes, secret: false })] : []
}

/** Writes the edited text, with the mode and owner that the file had where no others are wished. */
export function applyText({ target, found, before, after, attributes }: TextEdit, changes: readonly Change[]): Script | Command {
  if (mendsInPlace(found, changes)) return dressed({ target, attributes })
  const mode = attributes.mode ?? (found.type === 'file' ? found.mode : undefined)
  return writeFile({ target, found, attributes: { ...attributes, ...(mode === undefined ? {} : { mode }) }, content: after, basis: { text: before } })
}
