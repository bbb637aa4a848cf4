import { absent, modifies, text, value, type Change } from '../model/change.ts'
import { raw, sh } from '../model/command.ts'
import { resource } from '../model/resource.ts'
import { configFileShell } from './config-file.ts'
import { onPath, turnsBelow } from './turning.ts'

export interface SwapSpec {
  readonly state: 'off'
}

interface SwapState {
  /** Devices and files in use, from /proc/swaps. */
  readonly active: readonly string[]
  /** Lines of /etc/fstab that swap at boot. */
  readonly fstab: readonly string[]
  /** Swap units, neither masked nor made from fstab: GPT partitions, zram-generator, files of the administrator. */
  readonly units: readonly string[]
  /** Enabled services that swap without a swap unit. */
  readonly services: readonly string[]
}

/** Services of zram-tools, zram-config and dphys-swapfile (Debian, Ubuntu, Raspberry Pi OS): they call swapon themselves. */
const SERVICES = ['zramswap.service', 'zram-config.service', 'dphys-swapfile.service']

/**
 * No swap, now and after the next boot, as kubelet wants it (failSwapOn).
 *
 * Four attributes: `active` is switched off, lines of `fstab` become comments, swap `units` are masked, `services` that swap are disabled.
 * Where nothing is on, no swap is touched. Check mode only looks. Switching off fails when memory cannot take what is swapped out.
 */
export const swap = resource<SwapSpec, SwapState>({
  kind: 'swap',
  id: () => 'off',
  helpers: configFileShell,
  probe: () => sh`set -u
[ ! -r /proc/swaps ] || sed -n '2,$ s/[[:space:]].*//; 2,$ s/^/active /p' /proc/swaps
[ ! -r /etc/fstab ] || sed -n '/^[[:space:]]*#/d; /^[[:space:]]*[^[:space:]][^[:space:]]*[[:space:]][[:space:]]*[^[:space:]][^[:space:]]*[[:space:]][[:space:]]*swap\\([[:space:]]\\|$\\)/ s/^/fstab /p' /etc/fstab
command -v systemctl >/dev/null && [ -d /run/systemd/system ] || exit 0
systemctl list-unit-files --no-legend --no-pager '*.swap' ${SERVICES} | while read -r tsp_unit tsp_state tsp_rest; do
  case $tsp_unit/$tsp_state in
    */masked|*/disabled|*/static) ;;
    *.swap/*) [ "$(systemctl show -p SourcePath -- "$tsp_unit")" = SourcePath=/etc/fstab ] || echo "unit $tsp_unit" ;;
    *) echo "service $tsp_unit" ;;
  esac
done
exit 0
`,
  parse({ stdout }) {
    const lines = stdout.split('\n')
    const of = (kind: string): string[] => lines.filter(line => line.startsWith(`${kind} `)).map(line => line.slice(kind.length + 1))
    return { active: of('active'), fstab: of('fstab'), units: of('unit'), services: of('service') }
  },
  plan({ state: { active, fstab, units, services } }) {
    const changes: Change[] = []
    if (active.length > 0) changes.push(modifies('active', value(active.join(', ')), absent))
    if (fstab.length > 0) changes.push(modifies('fstab', text(fstab.map(line => `${line}\n`).join('')), text(fstab.map(line => `${MARK}${line}\n`).join(''))))
    if (units.length > 0) changes.push(modifies('units', value(units.join(', ')), value('masked')))
    if (services.length > 0) changes.push(modifies('services', value(services.join(', ')), value('disabled')))
    return changes
  },
  effects: () => onPath('/etc/fstab'),
  turnedBy: (_found, effect) => turnsBelow(effect, '/etc/fstab'),
  apply({ state: { active, fstab, units, services } }) {
    // What would come back goes first: a kill in between leaves swap on, which the next run sees.
    return sh`set -eu
${fstab.length === 0 ? raw('') : sh`tsp_lines=$(awk -v mark=${MARK} '!/^[ \\t]*#/ && $3 == "swap" { $0 = mark $0 } { print }' /etc/fstab)
printf '%s\\n' "$tsp_lines" | tsp_put /etc/fstab '' "$(stat -c %u:%g /etc/fstab)" "$(stat -c %a /etc/fstab)"
[ ! -d /run/systemd/system ] || systemctl daemon-reload
`}${services.length === 0 ? raw('') : sh`systemctl disable --now -- ${services}\n`}${units.length === 0 ? raw('') : sh`systemctl mask -- ${units}\n`}${active.length === 0 ? raw('') : sh`swapoff -a\n`}`
  },
})

/** Keeps the line for whoever wants it back. */
const MARK = '# swap is off (ts-play): '
