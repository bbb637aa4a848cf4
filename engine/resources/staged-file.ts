import { createHash } from 'node:crypto'
import { modifies, value, type Change } from '../model/change.ts'
import { raw, sh, type Command } from '../model/command.ts'
import type { Script } from '../model/script.ts'
import { Secret } from '../model/secret.ts'
import type { HostFile, Payload } from '../model/session.ts'
import { withoutComments } from '../model/shell-text.ts'
import { modeWord, ownerWord, umaskWord, type Attributes } from './attributes.ts'
import { directoryShell } from './directory-shell.ts'
import { lookShell } from './look-shell.ts'
import type { TargetPath } from './path.ts'
import { pathNowShell } from './path-now-shell.ts'
import { pathShell } from './path-shell.ts'
import { pathsShell } from './paths-shell.ts'
import type { PathState } from './path-state.ts'
import { seenPathShell } from './seen-path-shell.ts'
import { stagingShell } from './staging-shell.ts'
import { writingShell } from './writing-shell.ts'

/** The shell functions of every kind that has a path: one text, so a shell gets it once. */
export const fileShell = withoutComments(`${pathShell}${pathsShell}${seenPathShell}${pathNowShell}${lookShell}${stagingShell}${writingShell}${directoryShell}`)

/** The most bytes of content that stand in a script. */
const SCRIPT_BYTES = 64 * 1024

/** The tag of staging directories for a name: what a killed run left behind is found by it. */
export function stagingTag(name: string): string {
  return sha256(name).slice(0, 8)
}

/** A whole new file in the place of what `found` tells. */
export interface StagedFile {
  readonly target: TargetPath
  readonly found: PathState
  readonly attributes: Attributes
  /** Run with the staged file's path as last word; a non-zero exit refuses the change. */
  readonly validate?: Command | undefined
  /** Keep the old file as `NAME.YYYYMMDDTHHMMSSZ~`. */
  readonly backup?: boolean | undefined
  /** The text that the new content was made from, undefined for no file. If that is not what is there any more, nothing is written: an edit would be lost. */
  readonly basis?: { readonly text: string | undefined } | undefined
}

/** Lower-case hex. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** A script that brings about the file with content sent along. */
export function writeFile(file: StagedFile & { readonly content: Payload | HostFile }): Script {
  const content = known(file.content)
  const written = file.validate === undefined && file.backup !== true ? inScript(content) : undefined
  if (written) return { command: short(file, written) }
  const here = `./${file.target.name}`
  const receive = sh`tsp_receive ${here}`
  if (content instanceof Secret) {
    // The sum of a short secret gives it away to whoever can try all values: so it travels with the secret, not in the script.
    const command = staged({ ...file, found: { type: 'absent' } }, sh`IFS= read -r tsp_wanted || :
${receive}
tsp_verify ${here} "$tsp_wanted" 'the content did not arrive whole'`)
    return { command, stdin: content.map(text => `${sha256(text)}\n${text}`) }
  }
  const { sum, size } = typeof content === 'string' || content instanceof Uint8Array ? { sum: sha256(content), size: content.length } : { sum: content.sha256, size: content.size }
  const command = staged(file, sh`${receive}
tsp_verify ${here} ${sum} '' ${size}`)
  return typeof content === 'object' && 'type' in content && content.type === 'host-file' ? { command, from: content } : { command, stdin: content }
}

/** The bytes themselves where we have them. */
function known(content: Payload | HostFile): Payload | HostFile {
  return typeof content === 'object' && 'type' in content && content.type === 'source-file' ? (content.content ?? content) : content
}

/** Content as it stands in a script, and how. */
interface Written {
  readonly text: string
  /** The sum of the bytes where `text` is their base64; empty where it is the content itself. */
  readonly sum: string
}

/** What is so short that it may stand in the script: of printable ASCII, which every shell has as it is, no process has to bring it; for other bytes there is base64. */
function inScript(content: Payload | HostFile): Written | undefined {
  if (content instanceof Secret || (typeof content === 'object' && 'type' in content) || content.length > SCRIPT_BYTES) return undefined
  const bytes = Buffer.from(content)
  if (bytes.length > SCRIPT_BYTES) return undefined
  const text = bytes.toString('latin1')
  return /^[\n\t -~]*$/.test(text) ? { text, sum: '' } : { text: bytes.toString('base64'), sum: sha256(bytes) }
}

/** The same for short content, with as few processes as it takes. */
function short({ target: { directory, name }, found, attributes, basis }: StagedFile, { text, sum }: Written): Command {
  const owner = ownerOf(found, attributes)
  return sh`set -eu
tsp_enter_for ${directory}
${unlessChanged(`./${name}`, name, basis)}
tsp_text=${text} tsp_wanted=${sum}
tsp_write ${name} ${stagingTag(name)} ${owner} ${modeWord(attributes)} ${umaskWord(attributes, owner === '' ? 'ours' : 'another')}`
}

/** A script that brings about the file; `fill` makes `./NAME` in the staging directory and checks it. */
export function staged({ target, found, attributes, validate, backup, basis }: StagedFile, fill: Command): Command {
  const { directory, name } = target
  const owner = ownerOf(found, attributes)
  const mode = modeWord(attributes)
  const judge = validate && sh`{ ${raw(validate.text)} "$PWD"/${name}; } >&2 || tsp_refuse "refused by its validation, so nothing was changed"`
  return sh`set -eu
tsp_enter_for ${directory}
tsp_stage ${stagingTag(name)}
${unlessChanged(`../${name}`, name, basis)}
${fill}
tsp_dress ${`./${name}`} ${owner} ${mode}
${judge ?? raw(':')}
${backup ? sh`tsp_backup ${name}` : raw(':')}
tsp_commit ${name} ${owner} ${mode}`
}

/** A script that gives owner and mode to what is at the path already. Only where nobody else can exchange its name for a link meanwhile. */
export function dressed({ target, attributes }: Pick<StagedFile, 'target' | 'attributes'>): Command {
  return sh`set -eu
tsp_enter_for ${target.directory}
tsp_secure_directory $(stat -c '%a %u' .) || tsp_refuse "others can exchange names in $PWD now"
tsp_dress ${`./${target.name}`} ${ownerWord(attributes)} ${modeWord(attributes)}`
}

function ownerOf(found: PathState, attributes: Attributes): string {
  return ownerWord(attributes.owner === undefined || attributes.group === undefined ? { ...keptOwner(found), ...attributes } : attributes)
}

function unlessChanged(old: string, name: string, basis: StagedFile['basis']): Command {
  if (!basis) return raw(':')
  const words = `${name} was changed by somebody else meanwhile, so nothing was written. Run again.`
  if (basis.text === undefined) return sh`if [ -e ${old} ] || [ -L ${old} ]; then tsp_refuse ${words}; fi`
  return sh`tsp_verify ${old} ${sha256(basis.text)} ${words}`
}

/**
 * Whom the old file belongs to, so that a new one in its place does too. Not where somebody could have put the old one there to get the new
 * one: secrets, and directories that many users write.
 */
function keptOwner(found: PathState): Pick<Attributes, 'owner' | 'group'> {
  return found.type === 'file' && found.own !== 'all-ours' && found.place !== 'shared' ? { owner: found.uid, group: found.gid } : {}
}

/** The change that follows from that: an owner nobody asked for becomes the user the task runs as. */
export function claimed(file: Pick<StagedFile, 'found' | 'attributes'> & { readonly secret: boolean }): Change[] {
  const { found, attributes, secret } = file
  if (attributes.owner !== undefined || found.type !== 'file' || found.own !== 'theirs') return []
  return secret || found.place === 'shared' ? [modifies('owner', value(found.user), value('the user the task runs as'))] : []
}
