import { absent, modifies, value, type Change } from '../model/change.ts'
import { sh } from '../model/command.ts'
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
  probe: spec => sh`set -eu
command -v apt-get >/dev/null && command -v dpkg-query >/dev/null || {
  echo "no apt here ($(sed -n 's/^PRETTY_NAME=//p' /etc/os-release 2>/dev/null)): packages are managed on Debian and Ubuntu only" >&2
  exit 1
}
printf 'native\\t%s\\n' "$(dpkg --print-architecture)"
set -- ${namesOf(spec)}
for tsp_file in ${filesOf(spec)}; do
  tsp_package=$(dpkg-deb -f "$tsp_file" Package)
  printf 'archive\\t%s\\t%s\\n' "$tsp_package" "$(dpkg-deb -f "$tsp_file" Version)"
  set -- "$@" "$tsp_package"
done
dpkg-query -W -f 'package\\t\${Package}\\t\${Architecture}\\t\${db:Status-Status}\\t\${Version}\\t\${db:Status-Want}\\n' -- "$@" 2>/dev/null || :
# A package manager at work has half-done packages too; they are an accident only when nobody holds its lock.
tsp_lock=$(ls -i /var/lib/dpkg/lock-frontend 2>/dev/null | sed 's/^ *//; s/ .*//')
if [ -z "$tsp_lock" ] || ! grep -q ":$tsp_lock 0 EOF" /proc/locks 2>/dev/null; then
  tsp_dpkg_broken | sed 's/^/broken\t/'
  for tsp_file in /var/lib/dpkg/updates/[0-9]*; do [ ! -e "$tsp_file" ] || printf 'broken\\tunfinished %s\\n' "$tsp_file"; done
fi
`,
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
  // Scripts of packages rely on the usual umask, and make what others have to read.
  apply: ({ spec, state }) => sh`set -eu
umask 022
${spec.start === false ? sh`tsp_autostart_off` : sh``}
${state.broken.length === 0 ? sh`` : sh`tsp_dpkg_heal`}
${spec.state === 'absent' ? remove(spec) : install(spec, state)}`,
  deadline: () => 1_800_000,
})
<<<<<<< Updated upstream
=======

function install(spec: PackageSpec, state: PackageState): Command {
  const wanted = [...wantedOf(spec, state)]
  const names = wanted.map(([name]) => name)
  const missing = wanted.filter(([name, version]) => !isThere(state.packages.get(name) ?? GONE, version))
  const fromLists = missing.filter(([name]) => !state.archives.has(name)).map(([name, version]) => (version === undefined ? name : `${name}=${version}`))
  const options = [
    '--no-remove',
    spec.recommends === true ? '--install-recommends' : '--no-install-recommends',
    ...(spec.version === undefined && filesOf(spec).length === 0 ? [] : ['--allow-downgrades']),
    ...(spec.hold === undefined ? [] : ['--allow-change-held-packages']),
  ]
  const update = sh`tsp_apt_update || echo 'apt-get update: not every list could be fetched' >&2`
  const known = sh`tsp_lacking=$(tsp_apt_lacks ${fromLists})
[ -z "$tsp_lacking" ] || ${spec.update === 'never' ? sh`:` : sh`{ ${update}; tsp_lacking=$(tsp_apt_lacks ${fromLists}); }`}
[ -z "$tsp_lacking" ] || {
  tsp_first=\${tsp_lacking%%[= ]*}
  tsp_versions=$(apt-cache madison "$tsp_first" 2>/dev/null | awk -F ' *[|] *' '!seen[$2]++ { printf "%s ", $2 }')
  case $tsp_lacking in
    "$tsp_first"=*) tsp_hint=\${tsp_versions:+"(of $tsp_first they know \${tsp_versions% })"} ;;
    *) tsp_hint='(virtual packages: name one that provides them)' ;;
  esac
  echo "the package lists of this host do not know: $tsp_lacking$tsp_hint" >&2
  exit 1
}
`
  // Lists that are older than the mirror name files which are gone: fetching the lists again mends that.
  const transaction = sh`tsp_install() {
  tsp_status=0
  tsp_said=$(tsp_apt ${options} install ${fromLists} ${filesOf(spec)} 2>&1) || tsp_status=$?
}
tsp_install
case $tsp_status/$tsp_said in
  0/*) ;;
  *'Failed to fetch'*|*'Unable to fetch'*) ${spec.update === 'never' ? sh`` : sh`${update}; tsp_install`} ;;
esac
[ "$tsp_status" -eq 0 ] || { printf '%s\\n' "$tsp_said" >&2; tsp_apt_cause "$tsp_said" >&2; exit "$tsp_status"; }
`
  return sh`${spec.update === 'always' ? update : sh``}
${fromLists.length === 0 ? sh`` : known}${spec.start === false ? sh`tsp_autostart_off` : sh``}
${missing.length === 0 ? sh`` : transaction}${spec.hold === undefined ? sh`` : sh`tsp_patiently apt-mark ${spec.hold ? 'hold' : 'unhold'} ${names}\n`}`
}

function remove(spec: PackageSpec): Command {
  const names = namesOf(spec)
  const verb = spec.purge === true ? 'purge' : 'remove'
  return sh`tsp_others=
for tsp_package in $(tsp_apt -s ${verb} ${names} | sed -n -e 's/^Remv \\([^ ]*\\).*/\\1/p' -e 's/^Purg \\([^ ]*\\).*/\\1/p'); do
  case ${` ${names.join(' ')} `} in *" $tsp_package "*) ;; *) tsp_others="$tsp_others $tsp_package" ;; esac
done
[ -z "$tsp_others" ] || { echo "this would also remove:$tsp_others. Name them too if that is meant" >&2; exit 1; }
tsp_apt ${verb} ${names}
`
}

function isThere(is: Installed, version: string | undefined): boolean {
  return THERE.includes(is.status) && (version === undefined || is.version === version)
}

/** Names with the version each has to have, the contents of `files` included. */
function wantedOf(spec: PackageSpec, state: PackageState): ReadonlyMap<string, string | undefined> {
  return new Map([...namesOf(spec).map((name): [string, string | undefined] => [name, spec.version]), ...state.archives])
}

function filesOf({ files = [] }: PackageSpec): readonly string[] {
  const relative = files.find(file => !file.startsWith('/'))
  if (relative !== undefined) throw new TypeError(`package archives are named by absolute path, got ${JSON.stringify(relative)}`)
  return files
}

/** Debian policy 5.6.7, with an architecture; nothing that apt could read as `name-`, `name+`, a task or a pattern. */
function namesOf({ name }: PackageSpec): readonly string[] {
  const names = typeof name === 'string' ? [name] : name
  const wrong = names.find(each => !/^[a-z0-9][a-z0-9+.-]+(:[a-z0-9-]+)?$/.test(each))
  if (wrong !== undefined || names.length === 0) throw new TypeError(`${JSON.stringify(wrong ?? names)} is no package name`)
  return names
}
>>>>>>> Stashed changes
