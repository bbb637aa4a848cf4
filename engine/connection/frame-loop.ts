/**
 * The process on the host that runs frames, one at a time, and writes replies. It is started by the shell's root process (`shell-loop.ts`) in a session
 * of its own and started again when it was killed, by the watch or by a section's `kill $$`; the `run` file then tells which frame it was at.
 *
 * A query's sections run in subshells of this process: one fork each and nothing else. A frame that may change the host runs in a shell and process
 * group of its own, so that ending a late frame never ends what an earlier one left running in the background.
 *
 * Sections see the variables and functions of this text, hence their prefix.
 */
export const FRAME_LOOP = `
_t_frame() { # id deadline mode sections
  _t_id=$1 _t_mode=$3 _t_n=$4 _t_from=0 _t_f=$_t_d/$1 _t_l=+$2
  # The deadline as a time of the host's own clock (hundredths of a second since boot), where there is one to read.
  [ -z "$_t_clock" ] || { read -r _t_l _t_i </proc/uptime; _t_l=$((\${_t_l%.*}\${_t_l#*.}+$2*100)); }
  : >"$1.s"; echo "$1 $_t_l $3 $4" >run
  [ -s run ] || { echo; echo "$_t_N failed cannot write in $_t_d: no space left, or the folder is gone"; exit 0; }
  _t_go
}
_t_go() {
  while :; do
    if [ "$_t_mode" = 2 ]; then
      echo $$ >"$_t_id.g"
      { . "$_t_f.p"; } </dev/null >/dev/null 2>>"$_t_id.x" 4<&-
      set -- $?
    else
      $_t_g $_t_SH -c '_t_d=$1 _t_id=$2 _t_from=$3 _t_f=$1/$2; set --; echo $$ >"$_t_f.g"; . "$_t_f.p"' sh "$_t_d" "$_t_id" $_t_from </dev/null >/dev/null 2>>"$_t_id.x" 4<&-
      set -- $?
    fi
    _t_over $1 && break
  done
  _t_finish
}
_t_late() { # was this frame ended from outside?
  [ -s late ] && read -r _t_flag _t_l <late && [ "$_t_l" = "$_t_id" ] || { _t_flag=ok; return 1; }
}
_t_gone() { # waits for what does not heed TERM, and the watch's KILL
  _t_i=; [ -s "$_t_id.g" ] && read -r _t_i <"$_t_id.g"
  _t_l=0
  while [ "$_t_i" != $$ ] && kill -0 -"$_t_i" 2>/dev/null && [ $_t_l -lt $((_t_G*10+20)) ]; do _t_l=$((_t_l+1)); sleep 0.1 2>/dev/null || sleep 1; done
}
_t_over() { # status of the shell that ran the sections: is the frame done with?
  # The program's own words: 3 after a section that stops the frame, 0 after the last one.
  [ $1 != 3 ] || return 0
  _t_from=0; while read -r _t_l; do _t_from=$((_t_from+1)); done <"$_t_id.s"
  if [ $1 = 0 ]; then
    [ $_t_from = "$_t_n" ] && return 0
    echo; echo "$_t_N failed no space left in $_t_d: what the sections said is lost"; exit 0
  fi
  if _t_late; then _t_gone; return 0; fi
  # A section killed its shell: that is the section's failure, and the others have their turn.
  [ -s "$_t_id.g" ] && read -r _t_i <"$_t_id.g" && [ "$_t_i" != $$ ] && kill -TERM -"$_t_i" 2>/dev/null
  [ $_t_from -lt "$_t_n" ] || return 0
  : >>"$_t_id.o.$_t_from"; : >>"$_t_id.e.$_t_from"; echo $1 >>"$_t_id.s"
  _t_from=$((_t_from+1))
  [ $_t_from -ge "$_t_n" ]
}
_t_finish() {
  : >run
  _t_late
  : >"$_t_id.p"
  for _t_l in "$_t_id".i.*; do [ -s "$_t_l" ] && : >"$_t_l"; done
  [ -h s ] && rm -f s/"$_t_id".*
  _t_states= _t_files= _t_i=0
  while read -r _t_l; do _t_state "$_t_l"; done <"$_t_id.s"
  while [ $_t_i -lt "$_t_n" ]; do
    if [ -f "$_t_id.o.$_t_i" ]; then _t_state '?'; else _t_states="$_t_states -" _t_i=$((_t_i+1)); fi
  done
  [ -s "$_t_id.x" ] && _t_states="$_t_states x" _t_files="$_t_files $_t_id.x"
  if [ $_t_q = 1 ]; then
    echo; echo "$_t_N R $_t_id $_t_flag $_t_n$_t_states"
    [ -z "$_t_files" ] || { wc -c $_t_files; head -qc 16777216 $_t_files; }
    echo; echo "$_t_N E $_t_id"
  else _t_again; fi
  # The reply may be asked for once more until the next frame; the one before it is history.
  [ -z "$_t_prev" ] || rm -f "$_t_prev".*
  _t_prev=$_t_id
}
_t_state() { # status: with a mark for each stream that is not empty
  _t_l=$1
  [ -s "$_t_id.o.$_t_i" ] && _t_l=\${_t_l}o _t_files="$_t_files $_t_id.o.$_t_i"
  [ -s "$_t_id.e.$_t_i" ] && _t_l=\${_t_l}e _t_files="$_t_files $_t_id.e.$_t_i"
  _t_states="$_t_states $_t_l" _t_i=$((_t_i+1))
}
_t_again() { # file by file: exact even while a daemon goes on writing, and without head -q
  echo; echo "$_t_N S $_t_id $_t_flag $_t_n$_t_states"
  for _t_l in $_t_files; do
    set -- $(wc -c <"$_t_l"); echo $1
    [ $1 -gt 16777216 ] && set -- 16777216
    dd if="$_t_l" bs=$1 count=1 2>/dev/null
  done
  echo; echo "$_t_N E $_t_id"
}

# Opened here: ksh passes no descriptor above 2 on.
exec 4<>orders
_t_prev= _t_h=
echo $$ >leader
_t_died=$1
set --
if [ -s run ]; then
  read -r _t_id _t_l _t_mode _t_n <run
  _t_f=$_t_d/$_t_id
  if _t_over "$_t_died"; then _t_finish; else _t_go; fi
fi
while read -r _t_l <&4; do
  set -- $_t_l
  case $1 in
    F) shift; _t_frame "$@" ;;
    A) _t_again ;;
    *) exit 0 ;;
  esac
  set --
done
exit 1
`
