import { FRAME_LOOP } from './frame-loop.ts'

/**
 * The remote end of a framed shell: POSIX sh and nothing else. It runs in dash, bash, busybox ash and mksh.
 *
 * Four processes share a private folder:
 * - the *root* sets up, starts the others and cleans up;
 * - the *frame loop* runs frames and writes replies. It is the root's foreground child, never asynchronous, so sections have their signals as a login
 *   has them;
 * - the *receiver* reads the controller's lines and bytes (heartbeats too, while a frame runs) and hands orders over through a fifo;
 * - the *watch* wakes once a second and ends what is late or forsaken, whatever the others are stuck in.
 *
 * Variables that `prologue` sets before: N the nonce, R a name for the private folder, B seconds without a heartbeat, SH the shell to run frames with.
 */
const LOOP = `
unset ENV BASH_ENV CDPATH LANGUAGE IFS
for p in /usr/local/sbin /usr/sbin /sbin /usr/local/bin /usr/bin /bin; do case :$PATH: in *:$p:*) ;; *) PATH=$PATH:$p ;; esac; done
TSP_UMASK=$(umask)
umask 077
cd /
no() { echo; echo "$N failed $*"; exit 1; }
me=$(id -u) || no 'id -u does not run'
name=$(id -un 2>/dev/null) || name=$me
if [ "$me" = 0 ]; then
  TSP_STATE=/var/lib/ts-play places='/run /dev/shm /tmp' spools=/var/lib/ts-play/spool/
else
  TSP_STATE=\${XDG_STATE_HOME:-$HOME/.local/state}/ts-play places="$XDG_RUNTIME_DIR /dev/shm /tmp" spools=/var/tmp/ts-play-
fi
export LC_ALL=C PATH TSP_STATE TSP_UMASK
d=
for p in $places; do
  case $p in *[!A-Za-z0-9/._-]*) continue ;; esac
  d=$p/ts-play-$R
  # Made and written to: a full file system is no place.
  mkdir "$d" 2>/dev/null && { echo 0 >"$d/beat"; } 2>/dev/null && [ -s "$d/beat" ] && break
  rm -rf "$d"
  d=
done
[ -n "$d" ] || no "no place for a private folder, or no space: tried $places"
cd "$d" || no "cannot enter $d"

# What the tools here can do: an exact reader of N bytes from a pipe, and one process that cuts many files to a length.
left() { echo abcdef | { "$@" >/dev/null 2>&1; read -r y; echo "$y"; }; }
if [ "$(left head -c 3)" = def ]; then r=head
elif [ "$(left dd bs=3 count=1 iflag=fullblock)" = def ]; then r=dd
elif [ "$(left dd bs=1 count=3)" = def ]; then r=bytes
else rm -rf "$d"; no 'neither head nor dd reads a given number of bytes'
fi
echo ab >a; [ "$(head -qc 1 a a 2>/dev/null </dev/null)" = aa ] && q=1 || q=0
command -v setsid >/dev/null 2>&1 && g=setsid || g=
[ -r /proc/uptime ] && clock=1 || clock=
# Is the process group ours alone? Then the watch may end all of it, a writer stuck on a dead connection included.
own=
[ -r /proc/self/stat ] && { read -r l </proc/self/stat; set -- \${l##*) }; [ "$3" = $$ ] || [ "$3" = "$2" ]; } && own=1
mkfifo orders && exec 4<>orders || { rm -rf "$d"; no "cannot make a fifo in $d"; }
: >run; : >late

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
# In place, so that a full memory file system does not silence the heart.
beat() { pulse=$((pulse+1)); echo $pulse 1<>beat; }
wipe() { s=; [ -s spool ] && read -r s <spool; cd /; rm -rf "$d" $s; }

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
    if [ -z "$gone" ] && { [ -n "$alone" ] || [ $((up-seen)) -ge "\${B}00" ]; }; then
      gone=$up
      [ -n "$i" ] && [ "$k" != 0 ] && stop gone "$i"
      echo Q >&4
    fi
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
    [ -z "$why" ] && [ "$up" -ge "$end" ] && why=deadline && stop deadline "$i"
    if [ -z "$why" ]; then :
    elif [ -z "$hard" ]; then hit TERM "$i"; hard=$((up+500))
    elif [ "$up" -ge "$hard" ]; then hit KILL "$i"
    fi
  done
  read -r pg <leader
  wipe
  kill -KILL "$c" $$ -"$pg" 2>/dev/null || kill -KILL "$pg" 2>/dev/null
  [ -n "$own" ] && kill -KILL 0
}

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
big() {
  f=$1 left=$2 bad=$id.b.\${1##*.}
  : >"$f"
  while [ "$left" -gt 0 ]; do
    n=524288; [ "$left" -lt $n ] && n=$left
    if [ -s "$bad" ]; then get $n >/dev/null; else get $n | { cat >>"$f" 2>>"$bad" || cat >/dev/null; }; fi
    beat
    left=$((left-n))
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
    case $f in h.*) $SH -n "$f" 2>"$f.bad" && : >"$f.bad" ;; esac
  done
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
  # The controller is gone or done. A killable frame ends now, another within its deadline.
  i= k=0; [ -s run ] && read -r i l k n <run
  [ -n "$i" ] && [ "$k" != 0 ] && stop gone "$i"
  echo Q >&4
}

cat >loop <<'END-OF-FRAME-LOOP'
${FRAME_LOOP}
END-OF-FRAME-LOOP
echo "_t_d=$d _t_q=$q _t_g=$g _t_clock=$clock _t_N=$N _t_SH='$SH'" >settings
# bash tells of killed children on stderr; once the controller is gone that would kill the teller.
exec 3<&0 </dev/null 2>/dev/null
receive <&3 3<&- &
c=$!
exec 3<&-
watch </dev/null >/dev/null 2>&1 &
w=$!
echo; echo "$N ready $me $r \${g:-none} $q $d $name"
died=0 tries=0
# A frame loop that dies at its frame is started again and tells of it; one that dies at nothing, three times, cannot be helped.
until $g $SH -c '. ./settings; . ./loop' sh $died; do
  died=$?
  [ -s run ] || tries=$((tries+1))
  [ $tries -lt 3 ] || { echo; echo "$N failed the frame loop was killed"; break; }
done
kill -KILL $c $w 2>/dev/null
wipe
exit 0
`

const END = 'end-of-loop'
const TEXT = LOOP.replaceAll(/^ *# .*\n/gm, '').trim()

/** What the channel runs: it takes one line and evaluates it. Nothing here is special to fish, csh or a sudo log. */
export const STAGE_ZERO = 'IFS= read -r l; eval "$l"'

/** Settings of one shell's loop. */
export interface LoopSettings {
  /** 32 hex digits nobody on the host knows before the loop runs. */
  readonly nonce: string
  /** Random part of the private folder's name. */
  readonly folder: string
  /** Seconds without a heartbeat after which the host acts as if the controller were gone. */
  readonly patience: number
  /** The shell that runs frames; words, default `/bin/sh`. */
  readonly interpreter?: string
}

/** The lines that turn a stage-zero shell into a framed shell: they travel by stdin, so no process list or sudo log shows them. */
export function prologue({ nonce, folder, patience, interpreter = '/bin/sh' }: LoopSettings): string {
  const reader = `t= n=$(printf '\\nx'); n=\${n%x}; while IFS= read -r l && [ "$l" != ${END} ]; do t=$t$l$n; done; N=${nonce} R=${folder} B=${patience} SH='${interpreter}'; eval "$t"`
  return `${reader}\n${TEXT}\n${END}\n`
}
