import { withoutComments } from '../model/shell-text.ts'
import { journalWritten } from './journal.ts'

/**
 * Shell functions, on top of `unitShell`, that bring about what a unit of systemd should be, and see whether it stays so.
 *
 * - `tsp_unit_property UNIT PROPERTY`: its value.
 * - `tsp_unit_enable UNIT`: enables it, and has systemd read all units again where that is something to what runs now.
 * - `tsp_unit_begin UNIT VERB WORDS`: starts or restarts it; ends the script with the last lines of its journal where that fails.
 * - `tsp_unit_enable_now UNIT SECONDS`: enables and starts one that systemd has read as it is, and sees to it as the next one does. One process for both.
 * - `tsp_unit_settled UNIT SECONDS`: returns once it is active and stays so; ends the script with the last lines of its journal otherwise.
 * - `tsp_unit_failed UNIT WORDS`: ends the script so.
 */
export const serviceShell = withoutComments(`
tsp_unit_property() { tsp_shown=$(systemctl show -p "$2" -- "$1") && printf '%s\\n' "\${tsp_shown#*=}"; }
# To read all units takes a host with many longer than all the rest, and a link that only says what comes up at boot is read then. Not so where the unit is
# to come up with another one, which may start before the next boot; or where systemd goes on from what it read of this one before.
tsp_unit_enable() {
  tsp_said=$(systemctl enable --no-reload -- "$1" 2>&1) || { printf '%s\\n' "$tsp_said" >&2; exit 1; }
  tsp_end='
'
  tsp_unit_enabled "$tsp_end$(systemctl show -p UnitFileState -p NeedDaemonReload -- "$1")$tsp_end"
}
# $1: what systemd shows of the unit after systemctl said, in tsp_said, which links it made.
tsp_unit_enabled() {
  tsp_boot=yes
  while read -r tsp_created tsp_symlink tsp_path tsp_to; do
    case $tsp_created/$tsp_symlink/$tsp_path in
      Created/symlink/*/multi-user.target.wants/* | Created/symlink/*/graphical.target.wants/* | Created/symlink/*/timers.target.wants/* | Created/symlink/*/sockets.target.wants/*) ;;
      *) tsp_boot=no ;;
    esac
  done <<END
$tsp_said
END
  case $tsp_boot$1 in
    *NeedDaemonReload=yes*) ;;
    yes*"$tsp_end"UnitFileState=enabled"$tsp_end"*) return 0 ;;
  esac
  systemctl daemon-reload
  tsp_fresh=no
}
tsp_unit_failed() {
  echo "$1 $2; the last lines of its journal:" >&2
  ${journalWritten}
  journalctl -q --no-pager -n 20 -u "$1" >&2 || :
  exit 1
}
# One that was started too often may not start again until that is forgotten.
tsp_unit_begin() {
  systemctl "$2" -- "$1" || tsp_unit_again "$@"
}
tsp_unit_again() {
  case $(systemctl show -p Result -- "$1") in
    *=start-limit-hit) systemctl reset-failed -- "$1" && systemctl "$2" -- "$1" && return 0 ;;
  esac
  tsp_unit_failed "$1" "$3"
}
tsp_unit_enable_now() {
  tsp_started=yes
  # It ends badly where either of the two did.
  tsp_said=$(systemctl enable --now --no-reload -- "$1" 2>&1) || {
    printf '%s\\n' "$tsp_said" >&2
    systemctl -q is-enabled -- "$1" || exit 1
    tsp_started=no
  }
  tsp_unit_look "$1"
  # Links that make others start it are known to systemd from then on, whatever became of the start.
  tsp_unit_enabled "$tsp_shown"
  [ $tsp_started = yes ] || { tsp_unit_again "$1" start 'did not start'; tsp_unit_look "$1"; }
  tsp_unit_stays "$1" "$2"
}
# tsp_unit_look UNIT: sets what is to be known of it, all of one moment. Timers and sockets have neither type nor restarts.
tsp_unit_look() {
  tsp_end='
'
  tsp_shown=$tsp_end$(systemctl show -p Type -p NRestarts -p LoadState -p ActiveState -p SubState -p UnitFileState -p NeedDaemonReload -- "$1")$tsp_end
  tsp_type= tsp_restarts= tsp_fresh=yes
  case $tsp_shown in *"$tsp_end"Type=*) tsp_type=\${tsp_shown#*"$tsp_end"Type=} tsp_type=\${tsp_type%%"$tsp_end"*} ;; esac
  case $tsp_shown in *"$tsp_end"NRestarts=*) tsp_restarts=\${tsp_shown#*"$tsp_end"NRestarts=} tsp_restarts=\${tsp_restarts%%"$tsp_end"*} ;; esac
  tsp_active=\${tsp_shown#*"$tsp_end"ActiveState=} tsp_sub=\${tsp_shown#*"$tsp_end"SubState=}
  tsp_active=\${tsp_active%%"$tsp_end"*} tsp_sub=\${tsp_sub%%"$tsp_end"*}
}
tsp_unit_settled() {
  tsp_unit_look "$1"
  tsp_unit_stays "$1" "$2"
}
# The same for one that was looked at.
tsp_unit_stays() {
  tsp_before=$tsp_restarts tsp_tries=0
  case $tsp_type in notify*|dbus|oneshot) ;; *) sleep "$2" 2>/dev/null || sleep 1; tsp_unit_look "$1" ;; esac
  while :; do
    case $tsp_active/$tsp_sub in
      active/*) break ;;
      reloading/*|refreshing/*|activating/start*)
        [ "$tsp_tries" -lt 90 ] || tsp_unit_failed "$1" "is still $tsp_active ($tsp_sub)"
        tsp_tries=$((tsp_tries + 1)); sleep 1; tsp_unit_look "$1" ;;
      inactive/*)
        [ "$tsp_type" != oneshot ] || { echo "$1 is a oneshot unit without RemainAfterExit: it ran, and does not stay active" >&2; exit 1; }
        tsp_unit_failed "$1" "stopped right after its start" ;;
      *) tsp_unit_failed "$1" "is $tsp_active ($tsp_sub) after its start" ;;
    esac
  done
  [ "$tsp_before" = "$tsp_restarts" ] || tsp_unit_failed "$1" "starts again and again"
  # What systemd read again since may show it otherwise.
  [ $tsp_fresh = no ] || tsp_unit_note "$1"
}
`)
