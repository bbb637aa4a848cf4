/**
 * The process on the host that reads what the controller sends. Lines: `H` a heartbeat, `F …` a frame with its bytes, `K id` ends a running frame, `A id`
 * asks for a reply once more, `Q` is the end. Orders for the frame loop go on through the fifo (descriptor 4), a frame's only when all of it is there.
 *
 * Nothing else may read stdin: `read` takes byte by byte, and `get` exactly what it is told.
 */
export const RECEIVER = `
# In place, so that a full memory file system does not silence the heart.
beat() { pulse=$((pulse+1)); echo $pulse 1<>beat; }
get() { # length: exactly so many bytes of stdin
  case $r in
    head) head -c "$1" ;;
    dd)
      [ "$1" -lt 65536 ] || dd bs=65536 count=$(($1/65536)) iflag=fullblock 2>/dev/null
      [ $(($1%65536)) = 0 ] || dd bs=$(($1%65536)) count=1 iflag=fullblock 2>/dev/null ;;
    *) dd bs=1 count="$1" 2>/dev/null ;;
  esac
}
spool() { # large payloads lie on disk, not in memory
  [ -h s ] && return
  mkdir -p "\${spools%/*}" 2>/dev/null
  # What a power cut left behind; only root's spool is ours alone.
  [ "$me" = 0 ] && find "$spools" -mindepth 1 -maxdepth 1 -mtime +1 -exec rm -rf {} + 2>/dev/null
  if mkdir "$spools$R" 2>/dev/null; then echo "$spools$R" >spool; ln -s "$spools$R" s; else mkdir big; ln -s big s; fi
}
# file length: in pieces, each a sign of life on a slow line. A full disk spoils the payload, never the stream.
# A piece costs four processes: one that came within a second or two is followed by a larger one, one that took longer by a small one.
big() {
  f=$1 left=$2 bad=$id.b.\${1##*.} piece=524288 began=0 ended=9
  : >"$f"
  while [ "$left" -gt 0 ]; do
    n=$piece; [ "$left" -lt $n ] && n=$left
    [ -z "$clock" ] || read -r began l </proc/uptime
    if [ -s "$bad" ]; then get $n >/dev/null; else get $n | { cat >>"$f" 2>>"$bad" || cat >/dev/null; }; fi
    [ -z "$clock" ] || read -r ended l </proc/uptime
    beat
    left=$((left-n))
    if [ $((\${ended%.*}-\${began%.*})) -gt 1 ]; then piece=524288; elif [ $piece -lt 4194304 ]; then piece=$((piece*2)); fi
  done
  [ ! -s "$bad" ] || : >"$f"
}
take() { # id deadline mode sections file:length...
  id=$1 order="F $1 $2 $3 $4"
  shift 4
  for b; do
    f=\${b%:*} l=\${b##*:}
    case $f in
      s/*) spool; big "$f" "$l" ;;
      *) get "$l" >"$f" 2>a || { echo; echo "$N failed cannot store $l bytes in $d: $(cat a)"; return 1; } ;;
    esac
    # While the next one comes.
    case $f in h.*) { $SH -n "$f" 2>"$f.bad" && : >"$f.bad"; } & ;; esac
  done
  wait
  # A line cut off by the connection's end must not run: the frame is whole only with its E line.
  read -r l && [ "$l" = "E $id" ] || return 1
  echo "$order" >&4
}
receive() {
  pulse=0
  while read -r l; do
    beat
    set -- $l
    case $1 in
      H) ;;
      F) shift; take "$@" || break ;;
      K) i=; [ -s run ] && read -r i l <run; [ -n "$i" ] && [ "$i" = "$2" ] && stop killed "$i" ;;
      A) echo "$l" >&4 ;;
      Q) break ;;
      *) echo; echo "$N failed a line that is no order"; break ;;
    esac
  done
  # The controller is gone or done. A killable frame ends now (one that is about to start: by the watch), another within its deadline.
  echo 1 >bye
  i= k=0; [ -s run ] && read -r i l k n <run
  [ -n "$i" ] && [ "$k" != 0 ] && stop gone "$i"
  echo Q >&4
}
`
