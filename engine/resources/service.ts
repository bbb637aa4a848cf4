import { modifies, value, type Change } from '../model/change.ts'
import { raw, sh, type Command } from '../model/command.ts'
import type { Effect } from '../model/effect.ts'
import { resource } from '../model/resource.ts'
import { unitName } from './systemd-unit-name.ts'
import { serviceShell } from './service-shell.ts'
import { turnsPath } from './turning.ts'
import { PROPERTIES, sharesUnit, unitShell } from './unit-shell.ts'

export interface ServiceSpec {
  /** `haproxy`, or with its type: `fstrim.timer`. */
  readonly name: string
  /**
   * `running` and `stopped` are states. `restarted` and `reloaded` are actions (a unit that does not run is started), meant for handlers:
   * nothing can tell afterwards whether they were needed.
   */
  readonly state?: 'running' | 'stopped' | 'restarted' | 'reloaded'
  /** Whether it comes up at boot, as `systemctl is-enabled` judges: static, alias, indirect and generated units count as enabled. */
  readonly enabled?: boolean
  readonly masked?: boolean
  /** Milliseconds a unit that does not report its readiness is watched after a start; default 1000. Units of Type=notify and dbus are not watched. */
  readonly settle?: number
}

/** systemctl(1), "show": the properties named in PROPERTIES. */
interface ServiceState {
  readonly active: string
  readonly sub: string
  readonly file: string
  /** Whether it is a unit file of systemd's own kind, and systemd has read it as it is. */
  readonly read: boolean
}

/** systemctl(1), "is-enabled", table 1, rows with exit status 0; those enabled at run time only are gone at the next boot. */
const ENABLED = ['enabled', 'static', 'alias', 'indirect', 'generated']
const DISABLED = ['', 'disabled', 'static', 'indirect', 'linked', 'masked', 'masked-runtime', 'transient', 'bad', 'not-found']
const MASKED = ['masked', 'masked-runtime']

/**
 * A systemd unit that runs or not, comes up at boot or not, is masked or not. What is not given is left alone.
 *
 * A unit that fails, or that starts again and again, while being started makes the task fail with the last 20 lines of its journal.
 * `activating (auto-restart)` is not running: a kubelet before its node has joined is one, so there give `enabled` alone.
 * Unit files that changed since systemd read them are read before a start. Enabling has systemd read all units again (systemctl(1), `daemon-reload`) unless that only says what comes up at the next boot.
 * A `Type=oneshot` unit without RemainAfterExit never runs in this sense.
 */
export const service = resource<ServiceSpec, ServiceState>({
  kind: 'service',
  id: spec => unitName(spec.name),
  helpers: `${unitShell}${serviceShell}`,
  probe(spec) {
    if (spec.masked === true && (spec.enabled === true || (spec.state !== undefined && spec.state !== 'stopped'))) throw new TypeError(`${spec.name}: a masked unit can be neither started nor enabled`)
    const unit = unitName(spec.name)
    // For a unit made from a SysV script only is-enabled knows (it asks systemd-sysv-install).
    const command = sh`set -eu
tsp_found=$(tsp_unit_show ${unit} ${PROPERTIES})
printf '%s\\n' "$tsp_found"
case $tsp_found in *UnitFileState=generated*) echo "IsEnabled=$(systemctl is-enabled -- ${unit} 2>/dev/null)" ;; esac
`
    return { command, shares: sharesUnit(unit, PROPERTIES) }
  },
  parse({ stdout }) {
    const shown = new Map(stdout.trim().split('\n').map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
    const of = (property: string): string => {
      const found = shown.get(property)
      if (found === undefined) throw new Error(`systemctl show gave no ${property}`)
      return found
    }
    const load = of('LoadState')
    return {
      active: load === 'not-found' ? 'not found' : of('ActiveState'),
      sub: of('SubState'),
      file: load === 'masked' && of('UnitFileState') === '' ? 'masked' : shown.get('IsEnabled') ?? of('UnitFileState'),
      read: load === 'loaded' && shown.get('NeedDaemonReload') === 'no' && !shown.has('IsEnabled'),
    }
  },
  plan({ spec: { state: wanted, enabled, masked }, state }) {
    const changes: Change[] = []
    if (masked !== undefined && masked !== (masked ? state.file === 'masked' : MASKED.includes(state.file))) changes.push(modifies('masked', value(!masked), value(masked)))
    if (enabled !== undefined && !(enabled ? ENABLED : DISABLED).includes(state.file)) changes.push(modifies('enabled', value(state.file === '' ? 'no unit file' : state.file), value(enabled ? 'enabled' : 'disabled')))
    const runs = ['active', 'reloading', 'refreshing'].includes(state.active)
    const rests = ['inactive', 'failed', 'not found'].includes(state.active)
    const shown = value(state.active === 'not found' ? state.active : `${state.active} (${state.sub})`)
    if (wanted === 'running' && !runs) changes.push(modifies('state', shown, value('running')))
    if (wanted === 'stopped' && !rests) changes.push(modifies('state', shown, value('stopped')))
    if (wanted === 'restarted' || wanted === 'reloaded') changes.push({ effect: 'runs', attribute: wanted })
    return changes
  },
  turnedBy({ spec, state }, effect) {
    const unit = unitName(spec.name)
    return effect.type === 'unit' ? effect.name === unit && turnsUnit(spec, state, effect.becomes) : turnsPath(effect, `/etc/systemd/system/${unit}`)
  },
  apply({ spec, state: { active, read }, changes }) {
    const unit = unitName(spec.name)
    const differs = new Set(changes.map(change => change.attribute))
    if (read && active === 'inactive' && spec.state === 'running' && spec.enabled === true && differs.has('enabled') && differs.size === 2) return sh`set -eu\ntsp_unit_enable_now ${unit} ${seconds(spec)}\n`
    const steps: Command[] = []
    if (differs.has('masked') && spec.masked !== true) steps.push(sh`systemctl -q unmask -- ${unit}\nsystemctl -q unmask --runtime -- ${unit}\n`)
    const enables = differs.has('enabled') && spec.enabled === true
    if (!enables) steps.push(sh`case $(tsp_unit_property ${unit} NeedDaemonReload) in yes) systemctl daemon-reload ;; esac\n`)
    if (differs.has('enabled')) steps.push(enables ? sh`tsp_unit_enable ${unit}\n` : sh`systemctl -q disable -- ${unit}\nsystemctl -q disable --runtime -- ${unit}\n`)
    steps.push(...['state', 'restarted', 'reloaded'].filter(attribute => differs.has(attribute)).map(() => become(unit, spec, active)))
    if (differs.has('masked') && spec.masked === true) steps.push(sh`systemctl -q mask -- ${unit}\n`)
    return sh`set -eu\n${raw(steps.map(step => step.text).join(''))}`
  },
})

/** Whether a unit that gets another file is enabled, or masked, otherwise than it was found. What is enabled stays so, whatever its file says from then on. */
function turnsUnit({ enabled }: ServiceSpec, { file }: ServiceState, becomes: Extract<Effect, { type: 'unit' }>['becomes']): boolean {
  if (becomes === 'gone' || MASKED.includes(file)) return true
  if (becomes === 'as it was' || file === 'enabled' || enabled === undefined) return false
  return enabled ? ENABLED.includes(file) !== (becomes === 'static') : !DISABLED.includes(file)
}

function seconds({ settle = 1000 }: ServiceSpec): number {
  return settle / 1000
}

function become(unit: string, spec: ServiceSpec, found: string): Command {
  const { state } = spec
  if (state === 'stopped') return sh`systemctl stop -- ${unit}\n`
  // Failures of before do not count against the tries that it has now.
  const begin = (verb: string): Command => sh`${found === 'inactive' ? raw('') : sh`systemctl reset-failed -- ${unit} 2>/dev/null || :\n`}tsp_unit_begin ${unit} ${verb} ${verb === 'restart' ? 'did not restart' : 'did not start'}
`
  const reload = sh`if systemctl -q is-active -- ${unit}; then
systemctl reload -- ${unit} || tsp_unit_failed ${unit} 'did not reload'
else
${begin('start')}fi
`
  return sh`${state === 'reloaded' ? reload : begin(state === 'restarted' ? 'restart' : 'start')}tsp_unit_settled ${unit} ${seconds(spec)}\n`
}
