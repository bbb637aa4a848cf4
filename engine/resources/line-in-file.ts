import { raw, sh } from '../model/command.ts'
import { resource } from '../model/resource.ts'
import { checkAttributes, type Attributes } from './attributes.ts'
import { withLine, withoutLine } from './line-edit.ts'
import { namedPath } from './path.ts'
import type { PathState } from './path-state.ts'
import { settledPath } from './settled.ts'
import { fileShell } from './staged-file.ts'
import { applyText, parseText, probeText, textChanges, textOf, type TextEdit } from './text-edit.ts'
import { onPath, turnsPath } from './turning.ts'

/** One line that a file has. */
export interface LinePresent {
  /** Absolute path of the file on the target. */
  readonly path: string
  readonly state?: 'present'
  /** The whole line, without newline. */
  readonly line: string
  /** Source of a JavaScript regular expression that finds the line to replace; it has to match `line` too. The last match is replaced. Default: the line itself. */
  readonly match?: string
  /** Source of a regular expression: a new line goes after the last line it matches. Default, and without a match: at the end. */
  readonly after?: string
  /** As `after`, but the new line goes before it. Not together with `after`. */
  readonly before?: string
  /** Make the file if there is none. Default false: its absence is a failure. */
  readonly create?: boolean
  /** Default: as it is; 0o644 for a new file. */
  readonly mode?: number
}

/** Lines that a file has not. */
export type LineAbsent =
  | { readonly path: string; readonly state: 'absent'; readonly match: string; readonly line?: undefined }
  | { readonly path: string; readonly state: 'absent'; readonly line: string; readonly match?: undefined }

/**
 * One line of a text file, found by a regular expression or by itself; or the absence of all lines like it. For files that somebody else manages as
 * well: where the whole is yours, `file` is the better choice.
 *
 * The patterns are evaluated on the controller, on one line each, so there is no dialect of sed to know. The file is written as `file` writes, keeps its
 * mode and owner, and is not written if somebody changed it since it was looked at. It always ends in a newline afterwards.
 *
 * Fails: the file is missing and `create` is not set, is a symbolic link, is no UTF-8, or has more than 1 MiB. Check mode reads only.
 *
 * @throws TypeError when path, line or mode is none, or `match` does not match `line`: a second run would not know its own line again.
 */
export const lineInFile = resource<LinePresent | LineAbsent, PathState>({
  kind: 'line-in-file',
  id: spec => `${namedPath(spec.path).whole}: ${spec.match ?? spec.line}`,
  helpers: fileShell,

  probe(spec) {
    checkLine(spec)
    const path = namedPath(spec.path)
    const missing = spec.state === 'absent' || spec.create ? raw(':') : sh`tsp_refuse ${path.whole}" does not exist. Bring it about before this task, or say create: true."`
    return probeText(path, missing)
  },

  parse: parseText,
  plan: ({ spec, state }) => (spec.state === 'absent' && state.type === 'absent' ? [] : textChanges(editOf(spec, state))),
  effects: ({ path }) => onPath(path, 'line'),
  turnedBy: ({ spec, state }, effect) => turnsPath(effect, spec.path, state, 'line'),
  settled({ spec, state }) {
    const { after, attributes } = editOf(spec, state)
    const text = { what: 'file text', bytes: Buffer.byteLength(after), content: after } as const
    // All that the plan of a next edit rests on, which may be made from it.
    if (state.type === 'file') return settledPath({ ...text, attributes: { mode: state.mode, ...attributes, owner: state.uid, group: state.gid }, own: state.own }, state)
    return settledPath({ ...text, attributes, own: 'all-ours' }, state)
  },
  apply: ({ spec, state, changes }) => applyText(editOf(spec, state), changes),
})

function editOf(spec: LinePresent | LineAbsent, found: PathState): TextEdit {
  const before = textOf(found)
  const match = pattern(spec.match)
  const after = spec.state === 'absent'
    ? withoutLine(before ?? '', { line: spec.line, match })
    : withLine(before ?? '', { line: spec.line, match, after: pattern(spec.after), before: pattern(spec.before) })
  return { target: namedPath(spec.path), found, before, after, attributes: attributesOf(spec, found) }
}

function attributesOf(spec: LinePresent | LineAbsent, found: PathState): Attributes {
  const mode = spec.state === 'absent' ? undefined : spec.mode ?? (found.type === 'absent' ? 0o644 : undefined)
  return mode === undefined ? {} : { mode }
}

/** @throws SyntaxError when it is no regular expression. */
function pattern(source: string | undefined): RegExp | undefined {
  return source === undefined ? undefined : new RegExp(source)
}

function checkLine(spec: LinePresent | LineAbsent): void {
  const { line } = spec
  if (line !== undefined && /[\n\0]/.test(line)) throw new TypeError(`line must be one line without NUL bytes, got ${JSON.stringify(line)}`)
  const match = pattern(spec.match)
  if (spec.state === 'absent') return
  checkAttributes(spec)
  if (match && !match.test(spec.line)) throw new TypeError(`match must match the line too, or a second run would not find it: /${spec.match}/ does not match ${JSON.stringify(line)}`)
  if (pattern(spec.after) && pattern(spec.before)) throw new TypeError('after and before cannot both be given')
}
