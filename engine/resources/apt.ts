import { withoutComments } from '../model/shell-text.ts'

/**
 * Shell functions around apt-get, for kinds that install packages or add repositories. They say on stderr what went wrong and return non-zero.
 *
 * - `tsp_patiently COMMAND…`: again every 5 s for 5 minutes while another package manager holds a lock that the command itself cannot wait for.
 * - `tsp_apt ARGUMENT…`: apt-get that asks nothing, keeps changed configuration files, waits up to 300 s for another package manager
 *   (apt >= 1.9.11) and takes nothing that is not signed, whatever the host's apt.conf says.
 * - `tsp_apt_update ARGUMENT…`: `apt-get update`, strict: any list that could not be had is a failure.
 * - `tsp_apt_cause TEXT`: of what apt said, the line that tells why it failed.
 * - `tsp_apt_lacks NAME[=VERSION]…`: those that the package lists do not know.
 * - `tsp_dpkg_broken`: a line `broken<TAB>STATUS NAME` per package that is neither installed nor gone. `tsp_dpkg_halves`: those, and one for each unfinished
 *   update of dpkg's status. `tsp_dpkg_heal`: finishes what a killed dpkg left behind.
 * - `tsp_dpkg_state`: what is to be known of dpkg itself, whatever the package: its architecture, and what of its work was interrupted.
 * - `tsp_dpkg_packages NAME…`: a line per package that dpkg knows, sorted by name.
 * - `tsp_dpkg 'NAME NAME…'…`: both once for all probes of a frame; `tsp_dpkg_of NAME…`: the lines of those packages.
 * - `tsp_autostart_off`: no service starts or restarts until the calling shell ends.
 */
export const aptHelpers = withoutComments(`
tsp_patiently() {
  tsp_tries=0
  while :; do
    tsp_status=0
    tsp_said=$("$@" 2>&1 </dev/null) || tsp_status=$?
    case $tsp_status/$tsp_said in
      0/*) return 0 ;;
      *'Could not get lock'*|*'Unable to lock'*|*'locked by another process'*)
        [ "$tsp_tries" -ge 60 ] || { tsp_tries=$((tsp_tries + 1)); sleep 5; continue; } ;;
    esac
    printf '%s\\n' "$tsp_said" >&2
    return "$tsp_status"
  done
}
tsp_apt_fresh() {
  # apt takes its cache for valid when dpkg's status has the same second and size as before: too coarse for two transactions in one second.
  [ -z "$(find /var/lib/dpkg/status -newer /var/cache/apt/pkgcache.bin 2>/dev/null)" ] || rm -f /var/cache/apt/pkgcache.bin
}
tsp_apt() {
  tsp_apt_fresh
  DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true APT_LISTCHANGES_FRONTEND=none APT_LISTBUGS_FRONTEND=none \\
  UCF_FORCE_CONFFOLD=1 NEEDRESTART_SUSPEND=1 apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \\
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o Acquire::Retries=3 -o APT::Get::AllowUnauthenticated=false \\
    -o Acquire::AllowInsecureRepositories=false -o Acquire::AllowWeakRepositories=false -o Acquire::AllowDowngradeToInsecureRepositories=false "$@"
}
tsp_apt_update() {
  tsp_patiently tsp_apt -o APT::Update::Error-Mode=any update "$@" || return
  # apt < 2.1.12 does not know Error-Mode: it warns, keeps the old lists and exits 0.
  case $tsp_said in *'Err:'*|*'W: GPG error'*|*'W: Failed to fetch'*|*'W: An error occurred'*) printf '%s\\n' "$tsp_said" >&2; return 100 ;; esac
}
tsp_apt_cause() {
  tsp_cause=$(printf '%s\\n' "$1" | sed -n -e 's/^E: //p' -e '/^dpkg: error/p' | head -n 1)
  printf '%s\\n' "\${tsp_cause:-$(printf '%s\\n' "$1" | tail -n 1)}"
}
tsp_apt_lacks() {
  tsp_apt_fresh
  for tsp_package; do
    case $tsp_package in
      *=*) apt-cache madison "\${tsp_package%%=*}" 2>/dev/null | awk -F ' *[|] *' -v version="\${tsp_package#*=}" '$2 == version { found = 1 } END { exit !found }' && continue ;;
      *) apt-cache policy "$tsp_package" 2>/dev/null | grep -q '^  Candidate: [^(]' && continue ;;
    esac
    printf '%s ' "$tsp_package"
  done
}
tsp_dpkg_halves() {
  tsp_dpkg_broken
  for tsp_file in /var/lib/dpkg/updates/[0-9]*; do [ ! -e "$tsp_file" ] || printf 'broken\\tunfinished %s\\n' "$tsp_file"; done
}
tsp_dpkg_broken() { dpkg-query -W -f 'broken\\t\${db:Status-Status} \${binary:Package}\\n' | grep -E '^broken.(half-|unpacked|triggers-)' || :; }
# A package manager at work has half-done packages too; they are an accident only when nobody holds its lock. Who holds which is asked last: the kernel
# takes some 8 ms to tell. What is half done is looked at again then, as one that was at work may be done by now.
tsp_dpkg_state() {
  printf 'native\\t%s\\n' "$(dpkg --print-architecture)"
  [ -n "$(tsp_dpkg_halves)" ] || return 0
  tsp_lock=$(ls -i /var/lib/dpkg/lock-frontend 2>/dev/null) || :
  tsp_lock=\${tsp_lock#"\${tsp_lock%%[! ]*}"}
  tsp_lock=\${tsp_lock%% *}
  if [ "$tsp_lock" ] && grep -qs ":$tsp_lock 0 EOF" /proc/locks; then return 0; fi
  tsp_dpkg_halves
}
tsp_dpkg_packages() {
  dpkg-query -W -f 'package\\t\${Package}\\t\${Architecture}\\t\${db:Status-Status}\\t\${Version}\\t\${db:Status-Want}\\n' -- "$@" 2>/dev/null || :
}
tsp_dpkg() {
  tsp_dpkg_found=$(tsp_dpkg_state 2>/dev/null) || tsp_dpkg_found=
  set -- $*
  [ $# = 0 ] || tsp_dpkg_known=$(tsp_dpkg_packages "$@")
}
# Without an architecture a name is that of all; dpkg-query takes it so, too.
tsp_dpkg_of() {
  tsp_names=" $* "
  IFS='
'
  set -f
  for tsp_line in $tsp_dpkg_known; do
    tsp_name=\${tsp_line#package?}
    case $tsp_names in *" \${tsp_name%%[!a-z0-9+.-]*} "*) printf '%s\\n' "$tsp_line" ;; esac
  done
  unset IFS
  set +f
}
# Number, and names.
tsp_dpkg_says() {
  [ "$tsp_dpkg_found" ] && command -v apt-get >/dev/null && command -v dpkg-query >/dev/null || return 1
  shift
  printf '%s\\n' "$tsp_dpkg_found"
  tsp_dpkg_of "$@"
}
tsp_dpkg_heal() {
  # What dpkg cannot configure alone lacks a dependency, or was killed while it was unpacked: apt knows how to go on.
  tsp_healed=0
  tsp_patiently env DEBIAN_FRONTEND=noninteractive dpkg --force-confdef --force-confold --configure -a || tsp_healed=1
  if [ "$tsp_healed" -ne 0 ] || [ -n "$(tsp_dpkg_broken)" ]; then tsp_apt --no-remove --fix-broken install; fi
}
tsp_autostart_off() {
  # invoke-rc.d and deb-systemd-invoke ask policy-rc.d; 101 forbids. Ours forbids only while this very process lives, so a crash leaves nothing in force.
  tsp_autostart_on
  tsp_pid=$(exec sh -c 'echo "$PPID"')
  [ ! -e /usr/sbin/policy-rc.d ] || mv /usr/sbin/policy-rc.d /usr/sbin/policy-rc.d.kept-by-ts-play
  trap tsp_autostart_on EXIT
  printf '#!/bin/sh\\n# ts-play installs packages without starting their services.\\n[ "$(cut -d " " -f 22 /proc/%s/stat 2>/dev/null)" != %s ] || exit 101\\n[ ! -x "$0.kept-by-ts-play" ] || exec "$0.kept-by-ts-play" "$@"\\n' \\
    "$tsp_pid" "$(cut -d ' ' -f 22 "/proc/$tsp_pid/stat")" >/usr/sbin/policy-rc.d.new
  chmod 0755 /usr/sbin/policy-rc.d.new
  mv /usr/sbin/policy-rc.d.new /usr/sbin/policy-rc.d
}
tsp_autostart_on() {
  grep -q '^# ts-play installs' /usr/sbin/policy-rc.d 2>/dev/null || return 0
  if [ -e /usr/sbin/policy-rc.d.kept-by-ts-play ]; then mv /usr/sbin/policy-rc.d.kept-by-ts-play /usr/sbin/policy-rc.d; else rm /usr/sbin/policy-rc.d; fi
}
`)
