import { withoutComments } from '../model/shell-text.ts'

/** Shell functions to unpack an archive in a staging directory, to move what came out to its place, and to remember what that was. */
export const unarchiveShell = withoutComments(`
# Where the record of the archive with the key $1 is.
tsp_record_of() { tsp_record=\${TSP_STATE:-/var/lib/ts-play}/unarchive/$1; }

# Calls tar with the flag for the compression of ./archive. GNU tar would find that out by itself, busybox does not.
tsp_tar() {
  case $(od -An -tx1 -N6 ./archive) in
    ' 1f 8b'*) tsp_flag=-z ;;
    ' fd 37 7a 58 5a 00') tsp_flag=-J ;;
    ' 42 5a 68'*) tsp_flag=-j ;;
    ' 28 b5 2f fd'*) tsp_flag=--zstd ;;
    ' 50 4b 03 04'*) tsp_refuse "a zip archive: only tar is unpacked, plain or compressed with gzip, bzip2, xz or zstd" ;;
    *) tsp_flag= ;;
  esac
  tar $tsp_flag "$@"
}

# Unpacks ./archive to ./tree without its first $1 directories, and lists what came out in ./files and ./directories.
tsp_unpack() {
  tsp_said=$(tsp_tar -t -f ./archive 2>&1 >./names) || tsp_refuse "$tsp_said"
  # busybox lists such names only after it has made them harmless, but says so.
  case $tsp_said in *emoving\\ leading*) tsp_refuse "the archive holds names that lead out of its directory ($tsp_said). Nothing was unpacked." ;; esac
  while IFS= read -r tsp_name; do
    case /$tsp_name/ in //* | */../*) tsp_refuse "the archive holds $tsp_name, which leads out of its directory. Nothing was unpacked." ;; esac
  done <./names
  mkdir ./tree
  umask 022
  # -o: what a user id of the packager's machine means here is chance.
  tsp_tar -x -o -f ./archive -C ./tree --no-same-permissions --strip-components "$1"
  umask 077
  rm -f ./archive ./names
  cd ./tree
  tsp_odd=$(find . ! -type d ! -type f ! -type l)$(find . -name '*
*')
  [ -z "$tsp_odd" ] || tsp_refuse "the archive holds a device, a named pipe or a name with a newline: $tsp_odd. Nothing was unpacked."
  # GNU tar has dropped setuid and setgid by now, busybox has not.
  find . ! -type l '(' -perm -4000 -o -perm -2000 ')' -exec chmod u-s,g-s '{}' +
  find . ! -type d >../files
  find . -type d ! -name . | sort >../directories
  cd ..
}

# Refuses, before anything is moved, if something at the destination is in the way, or others could put something there meanwhile.
tsp_clear_way() {
  while IFS= read -r tsp_name; do
    if [ ! -e "../$tsp_name" ] && [ ! -L "../$tsp_name" ]; then continue; fi
    if [ -L "../$tsp_name" ] || [ ! -d "../$tsp_name" ]; then tsp_refuse "$tsp_here/\${tsp_name#./} is no directory, and the archive holds one of that name. Nothing was unpacked."; fi
    tsp_only_ours "../$tsp_name"
  done <./directories
  while IFS= read -r tsp_name; do
    if [ -d "../$tsp_name" ] && [ ! -L "../$tsp_name" ]; then tsp_refuse "$tsp_here/\${tsp_name#./} is a directory, and the archive holds a file of that name. Nothing was unpacked."; fi
  done <./files
}

tsp_only_ours() (
  cd "$1"
  tsp_secure_directory $(stat -c '%a %u' .) || tsp_refuse "others can exchange names in $PWD, so nothing is unpacked there as this user. Run the task as its owner (become), or let only the owner write."
)

# Moves ./tree to its place: directories that are not there whole, all else name by name, so that each is the old or the new one.
tsp_settle() {
  while IFS= read -r tsp_name; do
    if [ -d "./tree/$tsp_name" ] && [ ! -d "../$tsp_name" ]; then mv -fT "./tree/$tsp_name" "../$tsp_name"; fi
  done <./directories
  tsp_move_files .
  while IFS= read -r tsp_name; do
    if [ -d "./tree/$tsp_name" ]; then tsp_move_files "$tsp_name"; fi
  done <./directories
}

tsp_move_files() {
  tsp_into_dir=$1
  set --
  for tsp_entry in "./tree/$tsp_into_dir"/* "./tree/$tsp_into_dir"/.[!.]* "./tree/$tsp_into_dir"/..?*; do
    if [ -L "$tsp_entry" ] || [ -f "$tsp_entry" ]; then set -- "$@" "$tsp_entry"; fi
    if [ $# -ge 200 ]; then mv -f "$@" "../$tsp_into_dir/"; set --; fi
  done
  if [ $# -gt 0 ]; then mv -f "$@" "../$tsp_into_dir/"; fi
}

# Prints the attributes of the names in the file $1, which are names of the destination, in the format $2.
tsp_attributes() {
  if [ -s "$1" ]; then
    tr '\\n' '\\0' <"$1" >./list
    (cd .. && xargs -0 stat -c "$2") <./list >./attributes
    sort ./attributes
  fi
}

# Writes the record: what was unpacked, and last of all from which archive ($1, $2: its sum and the directories left out).
tsp_remember() {
  tsp_attributes ./files '%f %u %g %s %Y %n' >"$tsp_record/files"
  # Size and time of a directory belong to what is in it.
  tsp_attributes ./directories '%f %u %g - - %n' >"$tsp_record/directories"
  echo "$1 $2" >"$tsp_record/of.new"
  mv -f "$tsp_record/of.new" "$tsp_record/of"
}

# Prints up to 21 names, seen from the working directory, that are not as the record in the file $1 says. $2: the format of the record.
tsp_drift() {
  if [ -s "$1" ]; then
    cut -d ' ' -f 6- <"$1" | tr '\\n' '\\0' | { xargs -0 stat -c "$2" 2>/dev/null || :; } | sort - "$1" | uniq -u | cut -d ' ' -f 6- | sort -u | head -n 21
  fi
}
`)
