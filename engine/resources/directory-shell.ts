/** Shell functions for directories: making one with its parents, and taking one away. */
export const directoryShell = `
# Goes into the directory $1, making what is missing. Parents get 0755 as from install(1), the last one 0700 until it is dressed.
tsp_make() {
  until tsp_enter "$1"; do
    if [ "$tsp_rest" ]; then umask 022; else umask 077; fi
    mkdir "./$tsp_part"
    tsp_label "\${PWD%/}/$tsp_part"
  done
}

# Prints how many entries the directory ./$1 has.
tsp_entries() {
  tsp_count=0
  for tsp_entry in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    if [ -e "$tsp_entry" ] || [ -L "$tsp_entry" ]; then tsp_count=$((tsp_count + 1)); fi
  done
  printf '\\n%s\\n' "$tsp_count"
}

# Refuses if something is mounted at or below $1 (physical path): rm would empty what is mounted there. The kernel writes blanks and backslashes as
# octal escapes, which printf undoes.
tsp_no_mounts() {
  while read -r tsp_a tsp_b tsp_c tsp_d tsp_mount tsp_e; do
    case $tsp_mount in
      *%*) ;;
      *\\\\*) tsp_mount=$(printf "$tsp_mount.") && tsp_mount=\${tsp_mount%.} ;;
    esac
    case $tsp_mount/ in "$1"/*) tsp_refuse "$tsp_mount is a mount point. Unmount it before $1 is removed." ;; esac
  done </proc/self/mountinfo
}
`
