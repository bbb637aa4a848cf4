/**
 * `tsp_look`: what is at a name of the working directory, printed for `parsePathState`. One `stat` tells of the name and of its directory.
 *
 * `stat -c` and `sha256sum` are not POSIX, but GNU and busybox agree on them. The file is opened before it is looked at: in a directory
 * where others can exchange names, the open file has to be the one that the name stands for, or a link to somebody's secret was
 * put there in between.
 */
export const lookShell = `
# $1: ./name. $2: attributes, hash, text or compare. $3: bytes of text at most. $4: a hash that needs no text.
tsp_look() {
  tsp_type_of "$1"
  tsp_depth=$2
  case $tsp_type in
    absent) echo absent; return 0 ;;
    file) ;;
    *) tsp_depth=attributes ;;
  esac
  tsp_end='
'
  tsp_seen=paths
  if ! tsp_foreseen "$1" "\${3-}" "\${4-}"; then
    tsp_seen=self
    if [ "$tsp_depth" != attributes ]; then exec 3<"$1"; fi
    tsp_stat "$1"
  fi
  tsp_place=secure
  if ! tsp_secure_directory \${tsp_directory%%"$tsp_end"*}; then
    tsp_place=shared
    if tsp_owners_directory \${tsp_facts%%"$tsp_end"*} \${tsp_directory%%"$tsp_end"*}; then tsp_place=owners; fi
    if [ "$tsp_depth" != attributes ]; then tsp_opened "$1" \${tsp_facts%%"$tsp_end"*}; fi
  fi
  tsp_own_of "$1"
  echo "$tsp_type $tsp_depth $tsp_place $tsp_own $tsp_facts"
  case $tsp_type in
    symlink) if [ "$tsp_seen" = paths ] && [ "$tsp_target" ]; then printf %s "$tsp_target"; else readlink -n "$1"; fi ;;
    file) tsp_content "\${3-}" "\${4-}" \${tsp_facts%%"$tsp_end"*} ;;
  esac
}

# Sets tsp_facts and tsp_directory to what stat tells of $1 and of the working directory. Names of users and groups stand on lines of their own, for they may hold spaces.
tsp_stat() {
  tsp_end='
'
  tsp_facts=$(stat -c '%a %u %g %s %d:%i
%U
%G' "$1" .) || return 1
  tsp_directory=\${tsp_facts#*"$tsp_end"*"$tsp_end"*"$tsp_end"}
  tsp_facts=\${tsp_facts%"$tsp_end$tsp_directory"}
}

# Sets tsp_own to whether owner, or owner and group, of $1 (of $tsp_type) are those of the user we run as. A link's are nothing to anybody.
tsp_own_of() {
  tsp_own=theirs
  if [ "$tsp_type" != symlink ] && [ -O "$1" ]; then
    tsp_own=ours
    if [ -G "$1" ]; then tsp_own=all-ours; fi
  fi
}

# True when only root and we can exchange names in the directory with mode $1 and owner $2.
tsp_secure_directory() {
  case $1 in *[2367] | *[2367]?) return 1 ;; esac
  [ "$2" = 0 ] || [ -O . ]
}

# True when the file (mode, owner, group, bytes, inode) and its directory (the same) have one owner, and nobody else writes there.
tsp_owners_directory() {
  case $6 in *[2367] | *[2367]?) return 1 ;; esac
  [ "$2" = "$7" ]
}

# Refuses unless descriptor 3 is the file that ./$1 names; $6: device and inode of the name.
tsp_opened() {
  [ "$(stat -L -c '%d:%i' /proc/self/fd/3)" = "$6" ] || tsp_refuse "$PWD/\${1#./} was exchanged while it was read"
}

# Sets tsp_sum if descriptor 3, of $1 bytes, is the large file that was hashed last in this frame (tsp_verify), and was not written to since.
tsp_noted() {
  [ "$1" -gt 8388608 ] && [ -s "\${TSP_NOTE-}" ] || return 1
  read -r tsp_sum tsp_was <"$TSP_NOTE"
  [ "$tsp_was" = "$(stat -L -c '%d:%i %s %y' /proc/self/fd/3)" ]
}

# Prints the content of descriptor 3, or what tsp_foreseen knows of it, as deep as $tsp_depth says. $1, $2: as $3, $4 of tsp_look; $6: its bytes.
tsp_content() {
  case $tsp_depth in
    attributes) return 0 ;;
    text)
      [ "$6" -le "$1" ] || tsp_refuse "the file has $6 bytes, more than the $1 that are edited line by line"
      cat <&3
      return 0
      ;;
    compare) IFS= read -r tsp_wanted ;;
  esac
  [ "$tsp_seen" = paths ] || tsp_noted "$6" || tsp_hash "$6" <&3
  if [ "$tsp_depth" = compare ]; then
    if [ "$tsp_sum" = "$tsp_wanted" ]; then echo same; else echo differs; fi
  elif [ "$tsp_sum" = "$2" ] || [ "$6" -gt "$1" ]; then
    echo "$tsp_sum -"
  else
    echo "$tsp_sum text"
    # Opened once more through /proc, because the hash has read descriptor 3 to its end.
    cat </proc/self/fd/3
  fi
}
`
