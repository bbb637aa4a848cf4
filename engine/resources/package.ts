import { absent, modifies, value, type Change } from '../model/change.ts'
import { raw, sh, type Command } from '../model/command.ts'
import { anything } from '../model/effect.ts'
import { resource } from '../model/resource.ts'
import { aptHelpers } from './apt.ts'
import { filesOf, GONE, isThere, namesOf, THERE, wantedOf, type Installed, type PackageSpec, type PackageState } from './package-spec.ts'
import { install, remove } from './package-transaction.ts'

/**
 * Packages of dpkg and apt, verified by name, version and hold.
 *
 * What an interrupted dpkg left behind is a change of its own, `dpkg`, and mended first. Nothing unsigned is installed, nothing else is removed,
 * changed configuration files are kept. Virtual packages are refused: name one that provides them.
 * Check mode does not fetch lists: that a package is missing is certain, that the mirror has it is not.
 *
 * @throws TypeError for a name that apt would take for an option, a pattern or a removal
 */
export const pkg = resource<PackageSpec, PackageState>({
  kind: 'package',
  id: spec => namesOf(spec).join(' '),
  helpers: aptHelpers,
  probe: spec => ({ command: look(spec), shares: [{ by: 'tsp_dpkg', word: askable(spec).join(' '), ...(askable(spec).length > 0 && { says: { by: 'tsp_dpkg_says', words: askable(spec) } }) }] }),
  parse({ stdout }) {
    const rows = (kind: string): string[][] => stdout.split('\n').map(line => line.split('\t')).filter(([first]) => first === kind)
    const native = rows('native')[0]?.[1]
    if (native === undefined) throw new Error('no line names the architecture')
    const archives = new Map(rows('archive').map(([, name = '', version = '']) => [name, version]))
    const packages = new Map<string, Installed>()
    for (const [, name = '', architecture = '', status = '', version = '', want] of rows('package')) {
      const found = { status, version, held: want === 'hold' }
      packages.set(`${name}:${architecture}`, found)
      // Without `:arch` apt means the host's own architecture; dpkg-query answers for all of them.
      if (architecture === native || architecture === 'all' || !packages.has(name)) packages.set(name, found)
    }
    return { packages, archives, broken: rows('broken').map(([, what = '']) => what) }
  },
  plan({ spec, state }) {
    const changes: Change[] = state.broken.length === 0 ? [] : [modifies('dpkg', value(`interrupted: ${state.broken.join(', ')}`), value('configured'))]
    for (const [name, version] of wantedOf(spec, state)) {
      const is = state.packages.get(name) ?? GONE
      const shown = THERE.includes(is.status) ? value(is.version) : is.status === 'half-installed' ? value(is.status) : absent
      if (spec.state === 'absent') {
        if (shown !== absent || (spec.purge === true && is.status === 'config-files')) changes.push(modifies(name, shown === absent ? value(is.status) : shown, absent))
        continue
      }
      if (!isThere(is, version)) changes.push(modifies(name, shown, value(version ?? 'installed')))
      if (spec.hold !== undefined && spec.hold !== is.held) changes.push(modifies(`${name} hold`, value(is.held), value(spec.hold)))
    }
    return changes
  },
  effects: spec => [...anything, ...namesOf(spec).map(name => ({ type: 'package' as const, name }))],
  turnedBy: ({ spec }, effect) => effect.type === 'package' && namesOf(spec).includes(effect.name),
  // Scripts of packages rely on the usual umask, and make what others have to read.
  apply: ({ spec, state }) => sh`set -eu
umask 022
${spec.start === false ? sh`tsp_autostart_off` : sh``}
${state.broken.length === 0 ? sh`` : sh`tsp_dpkg_heal`}
${spec.state === 'absent' ? remove(spec) : install(spec, state)}`,
  deadline: () => 1_800_000,
})

function look(spec: PackageSpec): Command {
  return sh`set -eu
command -v apt-get >/dev/null && command -v dpkg-query >/dev/null || {
  echo "no apt here ($(sed -n 's/^PRETTY_NAME=//p' /etc/os-release 2>/dev/null)): packages are managed on Debian and Ubuntu only" >&2
  exit 1
}
if [ "\${tsp_dpkg_at-}" ] && [ "$tsp_dpkg_found" ]; then
  printf '%s\\n' "$tsp_dpkg_found"
${askable(spec).length > 0 ? sh`  tsp_dpkg_of ${askable(spec)}\n  exit 0` : raw('')}
else tsp_dpkg_state
fi
set -- ${namesOf(spec)}
for tsp_file in ${filesOf(spec)}; do
  tsp_package=$(dpkg-deb -f "$tsp_file" Package)
  printf 'archive\\t%s\\t%s\\n' "$tsp_package" "$(dpkg-deb -f "$tsp_file" Version)"
  set -- "$@" "$tsp_package"
done
tsp_dpkg_packages "$@"
`
}

/** The names that may be asked for along with others': not those of an architecture, nor where archives on the target name more. */
function askable(spec: PackageSpec): readonly string[] {
  const names = namesOf(spec)
  return filesOf(spec).length > 0 || names.some(name => name.includes(':')) ? [] : names
}
