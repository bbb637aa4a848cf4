/**
 * Shell functions for everything that has a path. They rest on one idea: go into the directory first, make sure where one stands, and use
 * plain names from there. A directory that is the working directory cannot be exchanged for a symbolic link any more, so what was
 * checked is what is used (the class of CVE-2024-9902: root follows a link that a user planted).
 */
export const pathShell = `
tsp_refuse() { printf '%s\\n' "$*" >&2; exit 1; }

# Goes into the directory $1 (absolute, normalised). Returns 1 with tsp_missing set when there is none.
# The first line is the whole of it unless a symbolic link is on the way.
tsp_enter() {
  if cd -P "$1" 2>/dev/null && [ "$PWD" = "$1" ]; then return 0; fi
  cd /
  tsp_rest=$1 tsp_hops=0
  while [ "$tsp_rest" ]; do
    tsp_part=\${tsp_rest%%/*}
    tsp_rest=\${tsp_rest#"$tsp_part"}
    tsp_rest=\${tsp_rest#/}
    tsp_here=\${PWD%/}
    case $tsp_part in
      '' | .) ;;
      ..) cd -P .. ;;
      *)
        if [ -L "./$tsp_part" ]; then
          tsp_own_link "./$tsp_part" || tsp_refuse "$tsp_here/$tsp_part is a symbolic link in the hands of another user, and is not followed. Run the task as that user (become), or name the real directory."
          tsp_hops=$((tsp_hops + 1))
          [ "$tsp_hops" -le 40 ] || tsp_refuse "$1: too many symbolic links"
          tsp_to=$(readlink -n "./$tsp_part" && printf .) || tsp_refuse "$tsp_here/$tsp_part was exchanged while it was entered"
          tsp_to=\${tsp_to%.}
          case $tsp_to in /*) cd / ;; esac
          tsp_rest=$tsp_to/$tsp_rest
        elif [ -d "./$tsp_part" ]; then
          cd -P "./$tsp_part" 2>/dev/null || tsp_refuse "$tsp_here/$tsp_part: this user may not enter it"
          [ "$PWD" = "$tsp_here/$tsp_part" ] || tsp_refuse "$tsp_here/$tsp_part was exchanged while it was entered"
        elif [ -e "./$tsp_part" ]; then
          tsp_refuse "$tsp_here/$tsp_part is not a directory"
        else
          tsp_missing=$tsp_here/$tsp_part
          return 1
        fi
        ;;
    esac
  done
}

# True when only root or the user we run as can have put the link $1 here.
tsp_own_link() {
  tsp_me=$(id -u) && tsp_ids=$(stat -c %u "$1" .) || return 1
  for tsp_id in $tsp_ids; do
    case $tsp_id in 0 | "$tsp_me") ;; *) return 1 ;; esac
  done
}

# Sets tsp_type to what is at ./$1.
tsp_type_of() {
  if [ -L "$1" ]; then tsp_type=symlink
  elif [ -f "$1" ]; then tsp_type=file
  elif [ -d "$1" ]; then tsp_type=directory
  elif [ -e "$1" ]; then tsp_type=special
  else tsp_type=absent
  fi
}

# Sets tsp_sum to the SHA-256 of stdin, which has $1 bytes. Of many OpenSSL makes it several times as fast, by instructions of the processor's that
# coreutils know nothing of; of few it takes longer to start.
tsp_hash() {
  if [ "$1" -gt 8388608 ] && command -v openssl >/dev/null 2>&1; then
    tsp_sum=$(openssl dgst -sha256 -r 2>/dev/null || sha256sum)
  else
    tsp_sum=$(sha256sum)
  fi
  tsp_sum=\${tsp_sum%% *}
}

# Goes into directory $1 to change something in it; says what to do when there is none.
tsp_enter_for() {
  tsp_enter "$1" || tsp_refuse "$tsp_missing does not exist. Bring it about before this task: directory({ path: '$1' })"
}
`
