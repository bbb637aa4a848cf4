import { sh, type Command } from '../model/command.ts'

/**
 * A script of an author, run under `set -eu`, whose end another one may judge instead of its exit status: by `$status` and `$output` (both streams, without
 * trailing newlines). What it has to say is said in any case, on stderr where it counts as failed; a failure of its own status keeps that.
 */
export function judgedRun(run: Command, failedWhen: Command | undefined): Command {
  if (failedWhen === undefined) return sh`set -eu\n${run}\n`
  // Where a subshell stands in a list or a condition, `set -e` is off in it.
  return sh`output=$(
exec 2>&1
set -eu
${run}
)
status=$?
(
set -eu
${failedWhen}
) </dev/null >/dev/null
tsp_verdict=$?
case $tsp_verdict in
  0) printf '%s\\n' "$output" >&2
     if [ "$status" -eq 0 ]; then echo 'failedWhen holds' >&2; exit 1; else exit "$status"; fi ;;
  126|127) echo 'failedWhen could not run' >&2; exit "$tsp_verdict" ;;
  *) printf '%s\\n' "$output" ;;
esac
`
}
