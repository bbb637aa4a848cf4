/**
 * Shell functions that write short content, which stands in the script, with as few processes as it takes: `stat`, `chmod`, `sync` and `mv`, where nobody else can
 * exchange names in the directory. Elsewhere they fall back to the staging directory of `stagingShell`.
 */
export const writingShell = `
# Makes the content in $tsp_text the file ./$1, with owner $3 and mode $4 as for tsp_dress; $2: a tag as for tsp_stage. Where nobody else can exchange names no directory
# of our own is needed: the new file has a name of its own beside the old one until it is whole.
tsp_write() {
  # Before any name is opened: where others write, a name may be a pipe that nobody reads, or a link to a device, and \`set -C\` keeps from neither.
  if tsp_secure_directory $(stat -c '%a %u' .); then
    for tsp_new in "./.ts-play.$2".*; do
      if [ -f "$tsp_new" ]; then rm -f "$tsp_new"; fi
    done
    tsp_new=./.ts-play.$2.$$
    trap 'if [ -e "$tsp_new" ]; then rm -f "$tsp_new"; fi' EXIT
    trap 'exit 143' HUP INT TERM
    # A name that is there already is not written to.
    set -C
    tsp_put "$tsp_new"
    set +C
    tsp_dress "$tsp_new" "$3" "$4"
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
