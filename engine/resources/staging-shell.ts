/**
 * Shell functions that put something new in the place of something old, in one rename(2).
 *
 * The new file is made in a directory of our own beside the old one: a rename does not cross file systems, and labels of SELinux go by
 * directory. That directory has mode 0700 and is the working directory while the file gets its content, owner and mode, so nobody can
 * read it early or put a link in its way, not even the user in whose home it is. It has its final name in there, so a validator that
 * goes by names ("x.service") knows it.
 */
export const stagingShell = `
# Removes what a killed run left behind in the working directory, however it wrote: directories of tsp_stage and new files of tsp_write. $1: the tag of their names.
tsp_sweep() {
  tsp_here=\${PWD%/}
  for tsp_stale in ./.ts-play."$1".*; do
    if [ -L "$tsp_stale" ]; then continue; fi
    if [ -d "$tsp_stale" ]; then
      (tsp_into "$tsp_stale" && tsp_empty) 2>/dev/null || :
      rmdir "$tsp_stale" 2>/dev/null || :
    elif [ -f "$tsp_stale" ] && [ -O "$tsp_stale" ]; then
      rm -f "$tsp_stale"
    fi
  done
}

# Goes into a new directory of our own in the working directory. $1: a tag for its name.
tsp_stage() {
  tsp_sweep "$1"
  tsp_mine=
  trap tsp_leave EXIT
  trap 'exit 143' HUP INT TERM
  tsp_made=$(mktemp -d "./.ts-play.$1.XXXXXX")
  tsp_into "$tsp_made" || tsp_refuse "$tsp_here/\${tsp_made#./} was exchanged before it was entered"
  tsp_mine=$tsp_here/\${tsp_made#./}
}

# After a commit there is nothing to empty. Somebody may have moved the directory away meanwhile, so nothing here may fail or be done by its path.
tsp_leave() {
  if [ "$tsp_mine" ]; then
    tsp_empty
    cd ..
    rmdir "./\${tsp_mine##*/}" 2>/dev/null || :
  fi
}

# Enters the directory $1 made by mktemp. False when it is not ours alone.
tsp_into() {
  cd -P "$1" && [ "$PWD" = "$tsp_here/\${1#./}" ] && [ -O . ] || return 1
  case $(stat -c %a .) in 700 | 2700) ;; *) return 1 ;; esac
}

# Empties the working directory if it is one that tsp_stage made. After a commit there is nothing in it, and no process to start.
tsp_empty() {
  case \${PWD##*/} in .ts-play.*) ;; *) return 0 ;; esac
  for tsp_entry in ./* ./.[!.]* ./..?*; do
    if [ -e "$tsp_entry" ] || [ -L "$tsp_entry" ]; then rm -rf ./* ./.[!.]* ./..?*; break; fi
  done
}

# Makes $1 of stdin. A large file that was uploaded ahead is ours alone and used up by this, so it is moved; not where a new file gets its group from
# the directory.
tsp_receive() {
  if [ "\${TSP_INPUT-}" ] && [ ! -L "$TSP_INPUT" ] && [ ! -g . ] && mv -f "$TSP_INPUT" "$1" 2>/dev/null; then
    # On its way to the disk while it is hashed: it has to be there before its rename.
    sync "$1" >/dev/null 2>&1 &
    return 0
  fi
  cat >"$1"
}

# Refuses unless ./$1 has the SHA-256 $2. A cut connection or a full disk ends here, before anything has its name. $3: the words, without the sums;
# $4: about how many bytes, where that is known.
tsp_verify() {
  tsp_hash "\${4:-0}" <"$1"
  [ "$tsp_sum" = "$2" ] || tsp_refuse "\${3:-the content did not arrive whole: expected sha256 $2, got $tsp_sum}"
  if [ "\${4:-0}" -gt 8388608 ] && [ "\${TSP_NOTE-}" ]; then echo "$tsp_sum $(stat -c '%d:%i %s %y' "$1")" >"$TSP_NOTE"; fi
}

# Owner $2 (user:group, or empty) and mode $3 (octal, or empty) for $1. The mode comes last, because a change of owner clears setuid and setgid.
tsp_dress() {
  if [ "$2" ]; then chown "$2" "$1"; fi
  if [ "$3" ]; then chmod "$3" "$1"; fi
}

# Keeps what is at ../$1 under another name. A second link to it: nothing is copied, so it cannot be half.
tsp_backup() {
  if [ -e "../$1" ] || [ -L "../$1" ]; then
    ln "../$1" "../$1.$(date -u +%Y%m%dT%H%M%SZ)~" || tsp_refuse "no backup of $1 could be kept, so nothing was changed"
  fi
}

# Moves ./$1 to its place, ../$1. $2, $3: its owner and mode as for tsp_dress.
tsp_commit() {
  if [ ! -L "./$1" ]; then sync "./$1" 2>/dev/null || :; fi
  if ! tsp_rename "./$1" "../$1"; then
    case $tsp_said in
      *'esource busy') tsp_overwrite "$1" "$2" "$3" ;;
      *) tsp_refuse "$tsp_said" ;;
    esac
  fi
  tsp_label "$tsp_here/$1"
}

# Gives the path the label that the SELinux policy has for it.
tsp_label() {
  if command -v selinuxenabled >/dev/null 2>&1 && selinuxenabled; then restorecon "$1"; fi
}

# Renames $1 to $2 whatever that is, unless it is a directory; tsp_said tells why not.
tsp_rename() {
  tsp_said=$(mv -fT "$1" "$2" 2>&1) && return 0
  case $tsp_said in *'is a directory') ;; *) return 1 ;; esac
  # busybox does not rename over a link to a directory.
  [ -L "$2" ] && rm -f "$2" && tsp_said=$(mv -fT "$1" "$2" 2>&1)
}

# A mount point, such as /etc/hosts of a container, cannot be renamed over, only written: the one write that is not atomic.
tsp_overwrite() (
  cd ..
  tsp_secure_directory $(stat -c '%a %u' .) || tsp_refuse "$PWD/$1 is a mount point, and others can exchange names in its directory"
  cat "./\${tsp_mine##*/}/$1" >"./$1"
  tsp_dress "./$1" "$2" "$3"
)
`
