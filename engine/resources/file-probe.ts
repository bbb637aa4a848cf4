import type { Change } from '../model/change.ts'
import { raw, sh, type Command } from '../model/command.ts'
import type { Script } from '../model/script.ts'
import type { TargetPath } from './path.ts'
import { lookAt, sharesOf, type Depth, type PathState } from './path-state.ts'

/**
 * A probe of a path where a file, a symbolic link or nothing may be: of anything else it fails, because no kind of file replaces that.
 *
 * @param missing what to do where nothing is, beside saying so; default nothing
 */
export function probeFile(path: TargetPath, depth: Depth, missing?: Command): Script {
  return { command: lookFile(path, depth, missing), shares: sharesOf(path, depth, 'file') }
}

/** The look alone, for scripts that go on. */
export function lookFile({ whole, directory, name }: TargetPath, depth: Depth, missing: Command = raw(':')): Command {
  return sh`set -eu
tsp_enter ${directory} || { echo absent; ${missing}; exit 0; }
tsp_type_of ${`./${name}`}
case $tsp_type in
  absent) ${missing} ;;
  directory) tsp_refuse ${whole}" is a directory, not a file. Remove it first, or name another path." ;;
  special) tsp_refuse ${whole}" is a device, a socket or a named pipe, not a file. Remove it first, or name another path." ;;
esac
${lookAt(name, depth)}`
}

/** Whether the differences can be mended without a new file: the content stays, and nobody can put a link in the way. */
export function mendsInPlace(state: PathState, changes: readonly Change[]): boolean {
  return state.type === 'file' && state.place === 'secure' && changes.every(change => change.attribute !== 'content')
}
