import type { Change } from '../model/change.ts'
import { sh, type Command } from '../model/command.ts'
import { resource } from '../model/resource.ts'

interface Patience {
  /** Milliseconds after which waiting fails; default 300 000. */
  readonly timeout?: number
  /** Milliseconds between tries; default 1000. Fractions of a second where the host's sleep takes them. */
  readonly every?: number
  /** How many times in a row it has to hold; default 1. Looking takes `(stable - 1) * every` even when all is well. */
  readonly stable?: number
  /** Milliseconds one try may take, where the host has timeout(1); default 10 000. */
  readonly attempt?: number
}

export type WaitForSpec = Patience & (
  /** A read-only command, which runs in check mode too, under `set -eu`; 0 means that it holds. */
  | { readonly name: string; readonly until: Command }
  /** A TCP port: without `host` something on the target listens on it (/proc/net/tcp); with one the target can connect to it. */
  | { readonly name?: string; readonly port: number; readonly host?: string }
  /** A path on the target; default state `present`. */
  | { readonly name?: string; readonly path: string; readonly state?: 'present' | 'absent' }
)

interface WaitForState {
  readonly holds: boolean
}

/**
 * Waits, on the target, until a condition holds. Changes nothing: in check mode a condition that does not hold yet is shown as waiting.
 * When time is up it fails with what the last try said and its exit status.
 *
 * @throws TypeError for a number that is out of range
 */
export const waitFor = resource<WaitForSpec, WaitForState>({
  kind: 'wait-for',
  id: nameOf,
  helpers: `
# tsp_hold TIMES PAUSE SECONDS CONDITION: 0 when it holds that many times in a row; what the last try said is in tsp_said, its status in tsp_status
tsp_hold() {
  tsp_times=$1
  while :; do
    tsp_status=0
    if command -v timeout >/dev/null 2>&1; then tsp_said=$(timeout "$3" sh -c "$4" 2>&1 </dev/null) || tsp_status=$?
    else tsp_said=$(sh -c "$4" 2>&1 </dev/null) || tsp_status=$?
    fi
    [ "$tsp_status" -eq 0 ] || return 1
    tsp_times=$((tsp_times - 1))
    [ "$tsp_times" -gt 0 ] || return 0
    tsp_pause "$2"
  done
}
tsp_pause() { sleep "$1" 2>/dev/null || sleep 1; }
`,
  probe: spec => sh`if ${hold(spec)}; then echo holds; else echo waits; fi\n`,
  parse: ({ stdout }) => ({ holds: stdout.trim() === 'holds' }),
  plan: ({ spec, state }): readonly Change[] => (state.holds ? [] : [{ effect: 'waits', attribute: nameOf(spec) }]),
  // Whether it holds now or only then: it ends `ok`.
  turnedBy: () => false,
  apply(context) {
    const { timeout = 300_000, every = 1000 } = context.spec
    return sh`tsp_end=$(($(date +%s) + ${Math.ceil(timeout / 1000)}))
until ${hold(context.spec)}; do
  if [ "$(date +%s)" -ge "$tsp_end" ]; then
    echo ${`${nameOf(context.spec)}: not within ${timeout / 1000} s; the last try`} "(exit $tsp_status):" >&2
    printf '%s\\n' "$tsp_said" | tail -n 20 >&2
    exit 1
  fi
  tsp_pause ${every / 1000}
done
`
  },
  deadline: ({ timeout = 300_000, every = 1000, stable = 1, attempt = 10_000 }) => timeout + stable * (every + attempt) + 30_000,
  killable: true,
})

function hold(spec: WaitForSpec): Command {
  const { timeout = 300_000, every = 1000, stable = 1, attempt = 10_000 } = spec
  for (const [name, number] of Object.entries({ timeout, every, stable, attempt })) {
    if (!Number.isFinite(number) || number <= 0) throw new TypeError(`${nameOf(spec)}: ${name} must be a number above 0, got ${number}`)
  }
  return sh`tsp_hold ${stable} ${every / 1000} ${Math.ceil(attempt / 1000)} ${sh`set -eu\n${conditionOf(spec)}`.text}`
}

function conditionOf(spec: WaitForSpec): Command {
  if ('until' in spec) return spec.until
  if ('path' in spec) return spec.state === 'absent' ? sh`[ ! -e ${spec.path} ] && [ ! -L ${spec.path} ]` : sh`[ -e ${spec.path} ]`
  const { port, host } = spec
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new TypeError(`${port} is no TCP port`)
  // State 0A is LISTEN (include/net/tcp_states.h); the second field is ADDRESS:PORT in upper-case hex.
  if (host === undefined) return sh`grep -qs ${`^ *[0-9]*: [0-9A-F]*:${port.toString(16).toUpperCase().padStart(4, '0')} [0-9A-F:]* 0A `} /proc/net/tcp /proc/net/tcp6 || { echo ${`nothing listens on port ${port}`}; exit 1; }`
  return sh`if command -v bash >/dev/null; then exec bash -c 'exec 3<>"/dev/tcp/$1/$2"' connect ${host} ${port}
elif nc --help 2>&1 | grep -q BusyBox; then exec nc -w 5 ${host} ${port} -e true
elif command -v nc >/dev/null; then exec nc -z ${host} ${port}
else echo 'neither bash nor nc is there to try a connection'; exit 1
fi`
}

function nameOf(spec: WaitForSpec): string {
  if (spec.name !== undefined) return spec.name
  if ('path' in spec) return spec.state === 'absent' ? `${spec.path} is gone` : `${spec.path} is there`
  if ('port' in spec) return spec.host === undefined ? `port ${spec.port} is open` : `${spec.host}:${spec.port} can be reached`
  return 'condition'
}
