/**
 * Shell functions that write short content, which stands in the script, with as few processes as it takes: `stat`, `sync` and `mv`, where nobody else can
 * exchange names in the directory. Elsewhere they fall back to the staging directory of `stagingShell`.
 */
export const writingShell = `
# Makes the content in $tsp_text the file ./$1, with owner $3 and mode $4 as for tsp_dress; $2: a tag as for tsp_stage. Where nobody else can exchange names no directory
# of our own is needed: the new file has a name of its own beside the old one until it is whole.
tsp_write() {
  tsp_new=./.ts-play.$2.$$
  if tsp_create "$tsp_new" "$4"; then
    for tsp_stale in "./.ts-play.$2".*; do
      if [ -f "$tsp_stale" ] && [ "$tsp_stale" != "$tsp_new" ]; then rm -f "$tsp_stale"; fi
    done
    tsp_put "$tsp_new"
    tsp_dress "$tsp_new" "$3" "$tsp_left"
    sync "$tsp_new" 2>/dev/null || :
    if tsp_rename "$tsp_new" "./$1"; then
      tsp_label "\${PWD%/}/$1"
      return 0
    fi
    case $tsp_said in *'esource busy') rm -f "$tsp_new" ;; *) tsp_refuse "$tsp_said" ;; esac
  fi
  tsp_stage "$2"
  tsp_put "./$1"
  tsp_dress "./$1" "$3" "$4"
  tsp_commit "$1" "$3" "$4"
}

# Makes an empty file $1 and sets tsp_left to the mode $2, or to nothing where it has that. One stat tells so, and whether others can exchange names here: then
# false, and no file. An access list that the directory hands on shows in the mode.
tsp_create() {
  case $2 in
    00600) umask 177 ;;
    00640) umask 137 ;;
    00644) umask 133 ;;
    00660) umask 117 ;;
    00664) umask 113 ;;
  esac
  trap 'if [ -e "$tsp_new" ]; then rm -f "$tsp_new"; fi' EXIT
  trap 'exit 143' HUP INT TERM
  # A name that is there already is not written to, whatever is behind it.
  set -C
  if { true >"$1"; } 2>/dev/null; then tsp_made=yes; else tsp_made=no; fi
  set +C
  # What is made from here on may be a directory of our own.
  umask 077
  tsp_left=$2
  if [ $tsp_made = yes ]; then
    if tsp_facts=$(stat -c '%a %u' . "$1") && tsp_secure_directory $tsp_facts; then
      case $tsp_facts in *"
\${2#00} "*) tsp_left= ;; esac
      return 0
    fi
    rm -f "$1"
  fi
  trap - EXIT HUP INT TERM
  return 1
}

# Makes $1 of $tsp_text: that is its content, or the base64 of what has the SHA-256 $tsp_wanted. busybox's base64 succeeds on a full disk.
tsp_put() {
  if [ -z "$tsp_wanted" ]; then
    tsp_print >"$1" || tsp_refuse "the content could not be written"
  else
    tsp_print | base64 -d >"$1" || tsp_refuse "the content could not be written"
    tsp_verify "$1" "$tsp_wanted"
  fi
}

# Anybody can read the words of a program, and to mksh printf is one.
tsp_print() {
  if [ "\${KSH_VERSION-}" ]; then print -rn -- "$tsp_text"; else printf %s "$tsp_text"; fi
}
`
