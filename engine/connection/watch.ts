/**
 * The process on the host that ends what is late or forsaken, whatever the others are stuck in. It wakes once a second and looks at files: `run` (the
 * frame under way and its deadline), `beat` (the receiver counts what it hears), `bye` (the controller is gone), `late` (who was ended, and why).
 *
 * A frame past its deadline, over 256 MiB of output, or killable without a controller gets TERM, and KILL `G` seconds later. Without a controller for
 * `B` seconds the frame loop is told to stop after its frame; if the shell is then still there (a writer stuck on a dead connection, a killed root), the
 * watch cleans up and ends the shell's process group.
 */
export const WATCH = `
# pid: kills it and its descendants, as far as they can be found. For hosts without setsid; never TERM, as what outlives that is not found again.
fell() {
  t=" $1 " more=1
  while [ -n "$more" ]; do
    more=
    for s in /proc/[0-9]*/stat; do
      { read -r l <"$s"; } 2>/dev/null || continue
      set -- \${l##*) }
      case $t in *" \${l%% *} "*) ;; *" $2 "*) t="$t\${l%% *} " more=1 ;; esac
    done
  done
  kill -KILL $t 2>/dev/null
}
hit() { # signal frame: to its process group
  pg=; [ -s "$2.g" ] && read -r pg <"$2.g"
  case $pg in ''|*[!0-9]*) return ;; esac
  kill -"$1" -"$pg" 2>/dev/null || [ -n "$g" ] || fell "$pg"
}
stop() { echo "$1 $2" >late; hit TERM "$2"; } # why frame
# Hundredths of a second; without a clock the watch counts its own naps.
now() { if [ -n "$clock" ]; then read -r up l </proc/uptime; up=\${up%.*}\${up#*.}; else up=$((up+100)); fi; }
watch() {
  up=0 gone= cur= hard= end=0 last=
  now
  seen=$up
  while sleep 1; do
    now
    read -r l <beat; [ "$l" = "$last" ] || last=$l seen=$up
    i= dl=0 k=0 alone=
    [ -s run ] && read -r i dl k l <run
    # The root is our parent as long as it lives.
    if [ -n "$clock" ]; then read -r l </proc/self/stat; set -- \${l##*) }; [ "$2" = $$ ] || alone=1; else kill -0 $$ 2>/dev/null || alone=1; fi
    # With root and frame loop dead nobody clears the run file: the frame is over when its shell is.
    [ -n "$alone" ] && [ -n "$i" ] && { pg=; [ -s "$i.g" ] && read -r pg <"$i.g"; [ -n "$pg" ] && kill -0 "$pg" 2>/dev/null || i=; }
    if [ -z "$gone" ] && { [ -n "$alone" ] || [ $((up-seen)) -ge "\${B}00" ]; }; then gone=$up; echo 1 >bye; echo Q >&4; fi
    if [ -z "$i" ]; then
      [ -n "$gone" ] && [ $((up-gone)) -ge 500 ] && break
      continue
    fi
    why= l=; [ -s late ] && read -r why l <late; [ "$l" = "$i" ] || why=
    if [ "$i" != "$cur" ]; then
      cur=$i hard= end=$dl
      case $dl in +*) end=$((up+\${dl#+}*100)) ;; esac
    elif [ -z "$why" ]; then set -- $(du -sk .); [ "\${1:-0}" -gt 262144 ] && why=output && stop output "$i"
    fi
    [ -z "$why" ] && [ -s bye ] && [ "$k" != 0 ] && why=gone && stop gone "$i"
    [ -z "$why" ] && [ "$up" -ge "$end" ] && why=deadline && stop deadline "$i"
    if [ -z "$why" ]; then :
    elif [ -z "$hard" ]; then hit TERM "$i"; hard=$((up+G*100))
    elif [ "$up" -ge "$hard" ]; then hit KILL "$i"
    fi
  done
  read -r pg <leader
  wipe
  kill -KILL "$c" $$ -"$pg" 2>/dev/null || kill -KILL "$pg" 2>/dev/null
  [ -n "$own" ] && kill -KILL 0
}
`
