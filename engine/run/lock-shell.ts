/** Exit status of a lock that somebody else holds; stdout then says who. */
export const HELD = 75

/**
 * Takes the lock of a host's state folder for one run, in POSIX sh.
 *
 * The lock is a file `holder` that `ln` makes with all its content at once, so it is never there without its owner's name. It is held as long as the
 * process that ran the section's frame lives: the framed shell, which ends when its controller's heartbeat does, but never before the task it runs.
 * So there is nothing to renew and no clock to compare; a process number that another process got, or one from before a reboot, is told by its start.
 *
 * A dead owner's file may be removed by one process only, or a slow one would remove its successor's: the one that could rename the owner's second
 * file, `<run>.<pid>`, to its own name, `<run>.by.<pid>.<start>`. If it dies in between, the next one renames that.
 */
export const LOCK_SHELL = `
tsp_began() { # pid: when it began, in ticks since boot; fails when it is over
  if [ -r /proc/self/stat ]; then
    { read -r tsp_l <"/proc/$1/stat"; } 2>/dev/null || return 1
    set -- \${tsp_l##*) }
    [ "$1" != Z ] && echo "\${20}"
  else kill -0 "$1" 2>/dev/null
  fi
}
tsp_boot() { tsp_l=; [ ! -r /proc/sys/kernel/random/boot_id ] || read -r tsp_l </proc/sys/kernel/random/boot_id; echo "$tsp_l"; }
tsp_lives() { tsp_l=$(tsp_began "$1") && [ "$tsp_l" = "$2" ]; } # pid start
tsp_bury() { # run: of a dead owner, or of one that has to go
  for tsp_f in "$1".*; do
    case $tsp_f in *.by.*) tsp_l=\${tsp_f#*.by.}; tsp_lives "\${tsp_l%.*}" "\${tsp_l#*.}" && return 1 ;; esac
    mv "$tsp_f" "$1.by.$tsp_me" 2>/dev/null || return 1
    # In this order.
    rm -f holder "$1.by.$tsp_me"
    return
  done
}
tsp_lock() { # run who patience force: seconds to wait for an owner that is about to end; force is yes or no
  umask 077
  { [ -d "$TSP_STATE/lock" ] || mkdir -p "$TSP_STATE/lock"; } && cd "$TSP_STATE/lock" || return 1
  tsp_me=$$.$(tsp_began $$) tsp_boot=$(tsp_boot) tsp_left=$3 tsp_odd=0
  printf '%s\\n' "$1" "$PPID $(tsp_began "$PPID")" "$tsp_boot" "$2" >"$1.$$" || { rm -f "$1.$$"; return 1; }
  until { [ ! -e holder ] && ln "$1.$$" holder 2>/dev/null; }; do
    # Not there to be read: let go a moment ago, or this file system cannot link.
    if { read -r tsp_run; read -r tsp_pid tsp_start; read -r tsp_when; read -r tsp_who; } 2>/dev/null <holder; then
      [ "$tsp_run" != "$1" ] || { mv -f "$1.$$" holder; return; }
      if [ "$tsp_when" = "$tsp_boot" ] && tsp_lives "$tsp_pid" "$tsp_start"; then
        if [ "$4" = yes ]; then tsp_from=$tsp_who
        elif [ "$tsp_left" -gt 0 ]; then tsp_left=$((tsp_left-1)); sleep 1; continue
        else rm -f "$1.$$"; echo "$tsp_who"; return ${HELD}
        fi
      fi
      tsp_bury "$tsp_run" && continue
    fi
    tsp_odd=$((tsp_odd+1))
    [ $tsp_odd -lt 50 ] || { ln "$1.$$" holder; rm -f "$1.$$"; return 1; }
    [ $tsp_odd -lt 40 ] || sleep 1
  done
  [ -z "\${tsp_from-}" ] || echo "$tsp_from"
}
`
