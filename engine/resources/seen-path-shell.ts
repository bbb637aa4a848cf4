/**
 * `tsp_path_says NUMBER TYPES DEPTH [BYTES HASH]`: what `tsp_look` would print of the word of that number, from what `tsp_paths` saw of it alone. False, and nothing is
 * printed, where the look itself has to see: nothing is there, or another type than one of TYPES (`8` a file, `a` a link, `4` a directory: `stat -c %f` begins so), a text is
 * wanted, others can write the directory. It is called in the shell that looked: no process, no other directory, no exit.
 *
 * BYTES and HASH are as $3 and $4 of `tsp_look`.
 */
export const seenPathShell = `
tsp_path_says() {
  eval "tsp_facts=\\$tsp_path_$1 tsp_sum=\\$tsp_more_$1"
  tsp_here=\${tsp_facts%% *}
  tsp_rest=\${tsp_facts#"$tsp_here "}
  case $tsp_rest in [$2]???\\ *) ;; *) return 1 ;; esac
  tsp_facts=\${tsp_rest#???? * }
  case $tsp_rest in
    a*)
      [ "$tsp_sum" ] || return 1
      echo "symlink attributes secure theirs $tsp_facts"
      printf %s "$tsp_sum"
      return 0 ;;
    8*)
      tsp_type=file
      case $3 in
        attributes) ;;
        hash)
          tsp_rest=\${tsp_rest#* }
          [ "$tsp_sum" ] && { [ "$tsp_sum" = "$5" ] || [ "\${tsp_rest%% *}" -gt "$4" ]; } || return 1 ;;
        *) return 1 ;;
      esac ;;
    *)
      tsp_type=directory
      case \${tsp_facts%% *} in *[2367] | *[2367]?) return 1 ;; esac
      tsp_rest=\${tsp_facts#* }
      [ "\${tsp_rest%% *}" = 0 ] || [ -O "$tsp_here" ] || return 1
      # Whoever may not enter it hears so from the look.
      [ -x "$tsp_here" ] || return 1 ;;
  esac
  tsp_own_of "$tsp_here"
  echo "$tsp_type $3 secure $tsp_own $tsp_facts"
  if [ "$3" = hash ]; then echo "$tsp_sum -"; fi
}
`
