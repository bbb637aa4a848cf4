/**
 * `tsp_paths`: one look at many paths for all of a frame's calls of `tsp_look`, with one `stat` for directories, one for the paths, one `sha256sum` and one `readlink`, where
 * each call by itself starts two processes.
 *
 * It goes by names from the root, so it tells only of what is below directories that nobody but root and the user we run as can exchange: there a name
 * means what it means to the look that rests on it. What it does not tell, each look finds out by itself, as it does where nobody looked before.
 */
export const pathsShell = `
# Each word: \`a\`, or \`h\` where its hash is wanted, and an absolute path of plain characters. Sets for the word of number N (from 0)
# tsp_path_N: its name, its raw mode, its bytes and what tsp_look wants of stat; tsp_more_N: its SHA-256, or what a link points to.
tsp_paths() {
  tsp_end='
'
  tsp_dirs=$tsp_end tsp_dir= tsp_n=0
  for tsp_word do
    eval "tsp_path_$tsp_n= tsp_more_$tsp_n="
    tsp_n=$((tsp_n + 1))
    [ "$tsp_dir" != "\${tsp_word%/*}" ] || continue
    tsp_dir=\${tsp_word%/*} tsp_here=
    tsp_rest=\${tsp_dir#?}
    while [ "$tsp_rest" ]; do
      tsp_rest=\${tsp_rest#/}
      tsp_part=\${tsp_rest%%/*}
      tsp_rest=\${tsp_rest#"$tsp_part"}
      tsp_here=$tsp_here/$tsp_part
      case $tsp_dirs in *"$tsp_end$tsp_here$tsp_end"*) ;; *) tsp_dirs=$tsp_dirs$tsp_here$tsp_end ;; esac
    done
  done
  IFS=$tsp_end
  set -f
  tsp_safe_directories
  tsp_wanted=
  for tsp_word do
    tsp_dir=\${tsp_word%/*}
    tsp_dir=\${tsp_dir#?}
    case $tsp_safe in *"$tsp_end\${tsp_dir:-/}$tsp_end"*) tsp_wanted=$tsp_wanted\${tsp_word#?}$tsp_end ;; esac
  done
  [ -z "$tsp_wanted" ] || tsp_stat_paths "$@"
  unset IFS
  set +f
}

# Sets tsp_safe to those of $tsp_dirs that, as all above them, are no links and in nobody's hands but root's and ours. Each comes after those above it.
tsp_safe_directories() {
  tsp_safe=$tsp_end
  for tsp_line in $(stat -c '%n %f %a %u' / $tsp_dirs 2>/dev/null); do
    tsp_here=\${tsp_line%% *}
    tsp_dir=\${tsp_here%/*}
    tsp_rest=\${tsp_line#* }
    # 4…: S_IFDIR, in hexadecimal.
    case $tsp_rest in 4???\\ *[2367]\\ * | 4???\\ *[2367]?\\ *) continue ;; 4???\\ *) ;; *) continue ;; esac
    [ "\${tsp_rest##* }" = 0 ] || [ -O "$tsp_here" ] || continue
    case $tsp_here,$tsp_safe in /,* | *,*"$tsp_end\${tsp_dir:-/}$tsp_end"*) tsp_safe=$tsp_safe$tsp_here$tsp_end ;; esac
  done
}

# $tsp_wanted: those of the words that are looked at. What is not there has no lines, so names tell which word they are of.
tsp_stat_paths() {
  tsp_n=0 tsp_part=name tsp_hashed= tsp_links=
  for tsp_line in $(stat -c '%n %f %s %a %u %g %s %d:%i
%U
%G' $tsp_wanted 2>/dev/null); do
    case $tsp_part in
      name)
        while [ $# -gt 0 ] && [ "\${1#?}" != "\${tsp_line%% *}" ]; do shift; tsp_n=$((tsp_n + 1)); done
        [ $# -gt 0 ] || return 0
        tsp_facts=$tsp_line tsp_part=user ;;
      user) tsp_facts=$tsp_facts$tsp_end$tsp_line tsp_part=group ;;
      group)
        eval "tsp_path_$tsp_n=\\$tsp_facts\\$tsp_end\\$tsp_line"
        tsp_rest=\${tsp_facts#"\${1#?}" ???? }
        # 8…: S_IFREG; a…: S_IFLNK. A large file is hashed by whoever looks at it, as tsp_hash does.
        case $1,\${tsp_facts#"\${1#?} "} in
          h*,8*) [ "\${tsp_rest%% *}" -gt 8388608 ] || tsp_hashed=$tsp_hashed$tsp_n\${1#?}$tsp_end ;;
          *,a*) tsp_links=$tsp_links$tsp_n.\${tsp_rest%% *}\${1#?}$tsp_end ;;
        esac
        tsp_part=name tsp_n=$((tsp_n + 1))
        shift ;;
    esac
  done
  [ -z "$tsp_hashed" ] || tsp_sum_paths $tsp_hashed
  [ -z "$tsp_links" ] || tsp_read_links $tsp_links
}

# Each word: number and path.
tsp_sum_paths() {
  tsp_files=
  for tsp_word do tsp_files=$tsp_files/\${tsp_word#*/}$tsp_end; done
  for tsp_line in $(sha256sum $tsp_files 2>/dev/null); do
    while [ $# -gt 0 ] && [ "/\${1#*/}" != "\${tsp_line#*  }" ]; do shift; done
    [ $# -gt 0 ] || return 0
    eval "tsp_more_\${1%%/*}=\\\${tsp_line%% *}"
    shift
  done
}

# Each word: number, \`.\`, bytes of what the link points to, and path. A line says not whose it is: all are told of, or none; one of another length is of
# another link, or has a line break in it.
tsp_read_links() {
  tsp_files=
  for tsp_word do tsp_files=$tsp_files/\${tsp_word#*/}$tsp_end; done
  tsp_shown=$(readlink $tsp_files 2>/dev/null) || return 0
  for tsp_line in $tsp_shown; do
    tsp_word=\${1%%/*}
    [ \${#tsp_line} = "\${tsp_word#*.}" ] || return 0
    eval "tsp_more_\${tsp_word%.*}=\\$tsp_line"
    shift
  done
}

# Sets tsp_facts and tsp_directory as tsp_look's own stat would, and tsp_sum or tsp_target. False where tsp_paths did not look at $1, or what it saw is no answer:
# something else is there now, or its text is wanted. $2, $3: as $3, $4 of tsp_look.
tsp_foreseen() {
  [ "\${tsp_paths_at-}" ] || return 1
  eval "tsp_facts=\\$tsp_path_$tsp_paths_at tsp_sum=\\$tsp_more_$tsp_paths_at"
  tsp_here=$PWD
  [ "$1" = ./. ] || tsp_here=\${tsp_here%/}/\${1#./}
  case $tsp_type,$tsp_facts in
    file,"$tsp_here 8"* | directory,"$tsp_here 4"* | symlink,"$tsp_here a"*) ;;
    *) return 1 ;;
  esac
  tsp_facts=\${tsp_facts#"$tsp_here" ???? }
  case $tsp_depth in
    text) return 1 ;;
    hash) [ "$tsp_sum" ] && { [ "$tsp_sum" = "$3" ] || [ "\${tsp_facts%% *}" -gt "$2" ]; } || return 1 ;;
    compare) [ "$tsp_sum" ] || return 1 ;;
  esac
  tsp_facts=\${tsp_facts#* } tsp_target=$tsp_sum
  # That of a name is in nobody else's hands, or it would not have been looked at.
  tsp_directory='0 0'
  [ "$1" != ./. ] || tsp_directory=$tsp_facts
}
`
