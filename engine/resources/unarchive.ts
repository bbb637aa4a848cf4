import { isAbsolute } from 'node:path'
import { absent, modifies, value, type Change } from '../model/change.ts'
import { raw, sh, type Command } from '../model/command.ts'
import { resource, type PlanContext } from '../model/resource.ts'
import type { Script } from '../model/script.ts'
import { namedPath, targetPath } from './path.ts'
import { fileShell, sha256, stagingTag } from './staged-file.ts'
import { sha256Digits } from './summed-file.ts'
import { unarchiveShell } from './unarchive-shell.ts'
import { onPath, turnsBelow, turnsPath } from './turning.ts'

interface Unpacking {
  /** Absolute path of the directory on the target that it is unpacked into. It has to be there. */
  readonly path: string
  /** How many leading directories of each name are left out. Default 0. */
  readonly stripComponents?: number
}

/** An archive of the controller, or one that is on the target already. */
export type UnarchiveSpec =
  | (Unpacking & {
    /** Absolute path on the controller. */
    readonly source: string
    readonly archive?: undefined
    readonly sha256?: undefined
  })
  | (Unpacking & {
    /** Absolute path on the target, where `download` put it. */
    readonly archive: string
    /** Its SHA-256. With it the archive is read only when it has to be unpacked, and may be gone afterwards. Default: it is read in every probe. */
    readonly sha256?: string
    readonly source?: undefined
  })

interface UnarchiveState {
  /** The sum of the archive on the target; undefined where it is not looked at. */
  readonly archive: string | undefined
  /** Sum and left out directories of what was unpacked last. */
  readonly unpacked: string | undefined
  /** Names that are not as they were unpacked; 20 at most, and whether there are more. */
  readonly drifted: readonly string[]
  readonly more: boolean
}

const SHOWN = 20

/**
 * An archive unpacked into a directory: tar, plain or compressed with what the target's tar knows (gzip; with its helper programs bzip2, xz, zstd).
 *
 * It is unpacked beside its place, in a directory of our own, and looked through: a name that is absolute or holds `..`, a device, a pipe refuse the
 * whole. Then it is moved name by name, so each file is the old or the new one; a run killed between leaves some of each, and the next unpacks again.
 * Everything belongs to the user the task runs as, with the archive's mode less the bits of umask 022, setuid and setgid; directories that are there
 * already stay as they are.
 *
 * What was unpacked is remembered under `$TSP_STATE/unarchive` (root: /var/lib/ts-play) with type, mode, owner, size and mtime, and compared
 * in every probe. So a file that is missing, replaced or edited is seen; not seen is an edit that kept size and mtime to the second, and what
 * was put beside. Files of an older archive that the new one has not are not removed. A tree that something else unpacked is unpacked anew.
 *
 * Fails: the directory is missing, or others than root and the user of the task can write in it; a directory is where the archive has a file, or
 * the other way round. Check mode reads only. Sources: tar(1), stat(1).
 *
 * @throws TypeError when a path, a sum or stripComponents is none.
 */
export const unarchive = resource<UnarchiveSpec, UnarchiveState>({
  kind: 'unarchive',
  id: spec => `${spec.source ?? spec.archive} in ${targetPath(spec.path).whole}`,
  helpers: `${fileShell}${unarchiveShell}`,
  sources: spec => (spec.source === undefined ? [] : [spec.source]),
  probe: probeOf,

  parse({ stdout }) {
    const [archive = '', unpacked = '', ...drifted] = stdout.split('\n').slice(0, -1)
    const names = drifted.map(name => name.replace('./', ''))
    return { archive: archive === '-' ? undefined : archive, unpacked: unpacked === '-' ? undefined : unpacked, drifted: names.slice(0, SHOWN), more: names.length > SHOWN }
  },

  plan(context) {
    const { state } = context
    const sum = sumOf(context)
    if (state.unpacked !== recordOf(context)) return [modifies('content', shownRecord(state.unpacked), value(`sha256:${sum}`))]
    return state.drifted.length === 0 ? [] : [drift(state)]
  },

  effects: ({ path }) => onPath(path, 'tree'),
  // Nothing matters to what has to be unpacked anyway, but the archive.
  turnedBy: ({ spec, state }, effect) => (spec.archive !== undefined && spec.sha256 === undefined && turnsPath(effect, spec.archive)) || (state.unpacked !== undefined && turnsBelow(effect, spec.path)),

  apply(context): Script {
    const { spec, source } = context
    const whole = targetPath(spec.path).whole
    const sum = sumOf(context)
    const receive = spec.source === undefined ? sh`cat ${targetPath(spec.archive).whole} >./archive` : sh`cat >./archive`
    const command = sh`set -eu
tsp_enter_for ${whole}
tsp_only_ours .
tsp_stage ${stagingTag(keyOf(spec))}
${receive}
tsp_verify ./archive ${sum}
tsp_unpack ${spec.stripComponents ?? 0}
tsp_clear_way
tsp_record_of ${keyOf(spec)}
mkdir -p "$tsp_record"
rm -f "$tsp_record/of"
tsp_settle
tsp_remember ${sum} ${spec.stripComponents ?? 0}`
    return spec.source === undefined ? { command } : { command, stdin: source(spec.source) }
  },
})

function probeOf(spec: UnarchiveSpec): Command {
  const { stripComponents = 0 } = spec
  if (!Number.isInteger(stripComponents) || stripComponents < 0) throw new TypeError(`stripComponents must be a whole number from 0, got ${stripComponents}`)
  if (spec.source !== undefined && !isAbsolute(spec.source)) throw new TypeError(`source must be an absolute path on the controller, got ${JSON.stringify(spec.source)}`)
  if (spec.sha256 !== undefined) sha256Digits(spec.sha256)
  return sh`set -eu
${spec.archive === undefined || spec.sha256 !== undefined ? raw('echo -') : sumOnTarget(spec.archive)}
tsp_record_of ${keyOf(spec)}
if [ ! -r "$tsp_record/of" ] || ! tsp_enter ${targetPath(spec.path).whole}; then echo -; exit 0; fi
cat "$tsp_record/of"
tsp_drift "$tsp_record/files" '%f %u %g %s %Y %n'
tsp_drift "$tsp_record/directories" '%f %u %g - - %n'`
}

function sumOnTarget(archive: string): Command {
  const { whole, directory, name } = namedPath(archive)
  return sh`tsp_enter ${directory} && [ -f ${`./${name}`} ] || tsp_refuse ${whole}" is no file. Bring it about before this task: download({ path: '"${whole}"', ... })"
tsp_sum=$(sha256sum <${`./${name}`})
echo "${raw('${tsp_sum%% *}')}"`
}

/** One record for each archive and place: another version of the archive in the same file is a change of that record. */
function keyOf(spec: UnarchiveSpec): string {
  return sha256(JSON.stringify([spec.source ?? spec.archive, targetPath(spec.path).whole])).slice(0, 32)
}

function sumOf({ spec, state, source }: PlanContext<UnarchiveSpec, UnarchiveState>): string {
  return spec.source === undefined ? (spec.sha256 === undefined ? state.archive ?? '' : sha256Digits(spec.sha256)) : source(spec.source).sha256
}

function recordOf(context: PlanContext<UnarchiveSpec, UnarchiveState>): string {
  return `${sumOf(context)} ${context.spec.stripComponents ?? 0}`
}

function shownRecord(record: string | undefined) {
  return record === undefined ? absent : value(`sha256:${record.split(' ')[0]}`)
}

function drift({ drifted, more }: UnarchiveState): Change {
  return modifies('files', value(`changed or missing: ${drifted.join(', ')}${more ? ' and more' : ''}`), value('as unpacked'))
}
