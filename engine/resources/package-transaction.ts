import { sh, type Command } from '../model/command.ts'
import { filesOf, GONE, isThere, namesOf, wantedOf, type PackageSpec, type PackageState } from './package-spec.ts'

/** One apt transaction for everything that is missing, then the wish about holding. Calls functions of `aptHelpers`. */
export function install(spec: PackageSpec, state: PackageState): Command {
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
${fromLists.length === 0 ? sh`` : known}${missing.length === 0 ? sh`` : transaction}${spec.hold === undefined ? sh`` : sh`tsp_patiently apt-mark ${spec.hold ? 'hold' : 'unhold'} ${names}\n`}`
}

/** A removal that takes nothing else along. */
export function remove(spec: PackageSpec): Command {
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
