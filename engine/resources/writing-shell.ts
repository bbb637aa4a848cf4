/**
 * Shell functions that write short content, which stands in the script, with as few processes as it takes: `stat`, `sync` and `mv`, where nobody else can
 * exchange names in the directory. Elsewhere they fall back to the staging directory of `stagingShell`.
 */
export const writingShell = `
# Makes the content in $tsp_text the file ./$1, with owner $3 and mode $4 as for tsp_dress; $2: a tag as for tsp_stage; $5: the umask by which a new file has that mode,
# or empty. Where nobody else can exchange names no directory of our own is needed: the new file has a name of its own beside the old one until it is whole.
tsp_write() {
  tsp_sweep "$2"
  # Nobody can have put a pipe or a link there beforehand: the controller made this part of the name up for this one script.
  tsp_new=\${TSP_RANDOM:+./.ts-play.$2.$TSP_RANDOM}
  trap 'if [ -f "$tsp_new" ]; then rm -f "$tsp_new"; fi' EXIT
  trap 'exit 143' HUP INT TERM
  if [ "$tsp_new" ] && tsp_make_new "\${5:-077}" "\${5:+$4}"; then
    case "$3 $4" in " 00$tsp_mode" | "$tsp_owner 00$tsp_mode") ;; *) tsp_dress "$tsp_new" "$3" "$4" ;; esac
    sync "$tsp_new" 2>/dev/null || :
    if tsp_rename "$tsp_new" "./$1"; then
      tsp_label "\${PWD%/}/$1"
      return 0
    fi
    case $tsp_said in *'esource busy') ;; *) tsp_refuse "$tsp_said" ;; esac
  fi
  if [ -f "$tsp_new" ]; then rm -f "$tsp_new"; fi
  tsp_stage "$2"
  tsp_put >"./$1" || tsp_refuse "the content could not be written"
  [ -z "$tsp_wanted" ] || tsp_verify "./$1" "$tsp_wanted"
  tsp_dress "./$1" "$3" "$4"
  tsp_commit "$1" "$3" "$4"
}

# Makes $tsp_new with umask $1, by which it gets the mode $2 (empty: 00600), and writes it. False, with nothing written, where others can exchange names in the working directory.
# Sets tsp_mode and tsp_owner to the mode, and user and group, that it has.
tsp_make_new() {
  tsp_ours=no
  # A name that is there already is not written to.
  set -C
  umask "$1"
  {
    umask 077
    set +C
    # Of the directory and of the file, asked at once.
    if tsp_owner=$(stat -c '%a %u %g' . "$tsp_new" 2>/dev/null) && tsp_secure_directory $tsp_owner; then
      tsp_owner=\${tsp_owner#*"
"}
      tsp_mode=\${tsp_owner%% *} tsp_owner=\${tsp_owner#* }
      tsp_owner=\${tsp_owner% *}:\${tsp_owner#* }
      # To a directory that hands on an access list the umask is nothing (acl(5)), and to some file systems no mode is.
      [ "00$tsp_mode" = "\${2:-00600}" ] || { chmod 600 "$tsp_new" 2>/dev/null || :; tsp_mode=; }
      tsp_put >&9 || tsp_refuse "the content could not be written"
      [ -z "$tsp_wanted" ] || tsp_verify "$tsp_new" "$tsp_wanted"
      tsp_ours=yes
    fi
  } 9>"$tsp_new" || tsp_refuse "the content could not be written"
  [ $tsp_ours = yes ]
}

# Prints $tsp_text: that is the content, or its base64 where $tsp_wanted is not empty. busybox's base64 succeeds on a full disk, so a sum follows.
tsp_put() {
  if [ -z "$tsp_wanted" ]; then tsp_print; else tsp_print | base64 -d; fi
}

# Anybody can read the words of a program, and to mksh printf is one.
tsp_print() {
  if [ "\${KSH_VERSION-}" ]; then print -rn -- "$tsp_text"; else printf %s "$tsp_text"; fi
}
`
