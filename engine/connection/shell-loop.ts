import { quote } from '../model/command.ts'
import { withoutComments } from '../model/shell-text.ts'
import { FRAME_LOOP } from './frame-loop.ts'
import { RECEIVER } from './receiver.ts'
import { WATCH } from './watch.ts'

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
 * Variables that `prologue` sets before: N the nonce, R a name for the private folder, B seconds without a heartbeat, G seconds from TERM to KILL, SH the
 * shell to run frames with.
 */
const LOOP = `
unset ENV BASH_ENV CDPATH LANGUAGE IFS TSP_INPUT TSP_NOTE TSP_RANDOM TSP_TURN
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

wipe() { s=; [ -s spool ] && read -r s <spool; cd /; rm -rf "$d" $s; }
${WATCH}${RECEIVER}
l=${quote(withoutComments(FRAME_LOOP))}
# No process for it: to mksh alone printf is one.
if [ "\${KSH_VERSION-}" ]; then print -rn -- "$l"; else printf %s "$l"; fi >loop
echo "_t_d=$d _t_q=$q _t_g=$g _t_clock=$clock _t_G=$G _t_N=$N _t_SH='$SH'" >settings
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

const NAMES = 't n l d p r q g c w x y me name places spools clock own died tries'
const END = 'end-of-loop'
const TEXT = withoutComments(LOOP).trim()

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
  /** Seconds from TERM to KILL. */
  readonly grace: number
  /** The shell that runs frames; words, default `/bin/sh`. */
  readonly interpreter?: string
}

/** The lines that turn a stage-zero shell into a framed shell: they travel by stdin, so no process list or sudo log shows them. */
export function prologue({ nonce, folder, patience, grace, interpreter = '/bin/sh' }: LoopSettings): string {
  // Names that the login may have exported would hand our values on to every program.
  const reader = `unset ${NAMES}; t= n=$(printf '\\nx'); n=\${n%x}; while IFS= read -r l && [ "$l" != ${END} ]; do t=$t$l$n; done; unset N R B G SH; N=${nonce} R=${folder} B=${patience} G=${grace} SH='${interpreter}'; eval "$t"`
  return `${reader}\n${TEXT}\n${END}\n`
}
