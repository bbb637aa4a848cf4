/**
 * `tsp_path_now WORD TYPES DEPTH [BYTES HASH]`: what `tsp_look` would print of the path of that word (as `tsp_paths` takes it), looked at now, or that nothing is there. False, and nothing is
 * printed, where the look itself has to see: something of another type than TYPES is there, or a link, a text is wanted, others can exchange names in the directory, or a link is on
 * the way. It is called between changes, in the shell that runs them, and is back where it was afterwards: it spares the look a subshell.
 *
 * TYPES, BYTES and HASH are as for `tsp_path_says`.
 */
export const pathNowShell = `
tsp_path_now() {
  tsp_back=$PWD
  if tsp_path_looked "$@"; then tsp_known=yes; else tsp_known=no; fi
  cd "$tsp_back"
  [ $tsp_known = yes ]
}

tsp_path_looked() {
  tsp_dir=\${1#?} tsp_depth=$3
  if [ "$2" = 4 ] && cd -P "$tsp_dir" 2>/dev/null; then
    tsp_name=./.
  else
    tsp_name=./\${tsp_dir##*/} tsp_dir=\${tsp_dir%/*}
    cd -P "\${tsp_dir:=/}" 2>/dev/null || return 1
  fi
  [ "$PWD" = "$tsp_dir" ] || return 1
  tsp_type_of "$tsp_name"
  case $tsp_type,$2,$tsp_name in
    absent,*) echo absent; return 0 ;;
    file,8* | directory,4,./.) ;;
    *) return 1 ;;
  esac
  tsp_stat "$tsp_name" 2>/dev/null || return 1
  tsp_secure_directory \${tsp_directory%%"$tsp_end"*} || return 1
  case $tsp_depth in
    attributes) ;;
    hash)
      tsp_rest=\${tsp_facts#* * * }
      tsp_rest=\${tsp_rest%% *}
      # A large one has been hashed in this frame already, or is by OpenSSL.
      [ "$tsp_rest" -le 8388608 ] && tsp_sum=$(sha256sum 2>/dev/null <"$tsp_name") || return 1
      tsp_sum=\${tsp_sum%% *}
      [ "$tsp_sum" = "$5" ] || [ "$tsp_rest" -gt "$4" ] || return 1 ;;
    *) return 1 ;;
  esac
  tsp_own_of "$tsp_name"
  echo "$tsp_type $tsp_depth secure $tsp_own $tsp_facts"
  if [ "$tsp_depth" = hash ]; then echo "$tsp_sum -"; fi
}
`
