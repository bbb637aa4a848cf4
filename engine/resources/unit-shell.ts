import type { SharedLook } from '../model/session.ts'
import { withoutComments } from '../model/shell-text.ts'

/** What is asked of systemd, whoever asks: systemctl(1), "show". */
export const PROPERTIES = ['LoadState', 'ActiveState', 'SubState', 'UnitFileState', 'NeedDaemonReload'] as const
export type UnitProperty = (typeof PROPERTIES)[number]

/** Shell functions that ask systemd about units: `systemctl` takes longer to start than to answer, and answers for many; and what it answered at the end of a change is not asked again right after it. */
export const unitShell = withoutComments(`
# Each word: a unit. Sets tsp_unit_N for the word of number N (from 0) to the lines that systemctl shows of it. No unit has a property twice, so the
# next one begins where one comes again.
tsp_units() {
  tsp_end='
'
  tsp_units_forget "$@"
  tsp_n=-1 tsp_shown=
  IFS=$tsp_end
  set -f
  for tsp_line in $(systemctl show ${PROPERTIES.map(property => `-p ${property}`).join(' ')} -- "$@" 2>/dev/null); do
    case $tsp_n$tsp_end$tsp_shown in
      -1* | *"$tsp_end\${tsp_line%%=*}="*) tsp_n=$((tsp_n + 1)) tsp_shown= ;;
    esac
    tsp_shown=$tsp_shown$tsp_line$tsp_end
    eval "tsp_unit_$tsp_n=\\$tsp_shown"
  done
  # With less or more than one answer for each word nobody knows which is whose.
  [ $((tsp_n + 1)) = $# ] || tsp_units_forget "$@"
  unset IFS
  set +f
}
tsp_units_forget() {
  tsp_n=0
  for tsp_word do eval "tsp_unit_$tsp_n="; tsp_n=$((tsp_n + 1)); done
}

# Keeps what systemctl showed of the unit $1 last of all that its change did, in tsp_shown between line breaks, for the look that comes right after it. Where it cannot be kept
# that look asks, and so it does of half a line.
tsp_unit_note() {
  [ -z "\${TSP_TURN-}" ] || printf '%s' "$TSP_TURN $1$tsp_shown" 2>/dev/null >"$TSP_NOTE.unit" || :
}
# Sets tsp_shown to the lines of the unit $1 that were noted, if no change has begun since. False where not all of the properties $2… are among them.
tsp_unit_noted() {
  [ "\${TSP_TURN-}" ] && [ -s "$TSP_NOTE.unit" ] || return 1
  tsp_end='
' tsp_shown=
  { IFS= read -r tsp_line && [ "$tsp_line" = "$TSP_TURN $1" ] && while IFS= read -r tsp_line; do tsp_shown=$tsp_shown$tsp_line$tsp_end; done; } <"$TSP_NOTE.unit"
  shift
  for tsp_property do
    case $tsp_end$tsp_shown in *"$tsp_end$tsp_property="*) ;; *) return 1 ;; esac
  done
}

# Prints what the probe of a service does, of what tsp_units saw of the unit of number $1 alone: the properties $2…. False where that is not all.
tsp_unit_says() {
  eval "tsp_shown=\\$tsp_unit_$1"
  case $tsp_shown in '' | *UnitFileState=generated*) return 1 ;; esac
  shift
  tsp_unit_print "$@"
}
# Prints of the lines in tsp_shown those of the properties $1….
tsp_unit_print() {
  tsp_end='
'
  while [ "$tsp_shown" ]; do
    tsp_line=\${tsp_shown%%"$tsp_end"*}
    tsp_shown=\${tsp_shown#"$tsp_line$tsp_end"}
    case " $* " in *" \${tsp_line%%=*} "*) printf '%s\\n' "$tsp_line" ;; esac
  done
}
# Prints the properties $2… of the unit $1, in the order of systemctl's.
tsp_unit_show() {
  tsp_shown=
  if [ "\${tsp_units_at-}" ]; then eval "tsp_shown=\\$tsp_unit_$tsp_units_at"; else tsp_unit_noted "$@" || tsp_shown=; fi
  tsp_unit=$1
  shift
  if [ -z "$tsp_shown" ]; then
    for tsp_property do
      set -- "$@" -p "$tsp_property"
      shift
    done
    systemctl show "$@" -- "$tsp_unit"
    return
  fi
  tsp_unit_print "$@"
}
`)

/**
 * What a probe that calls `tsp_unit_show` for one unit can share. An answer for a pattern is none for a unit.
 *
 * @param only the properties that it prints, where it does nothing else
 */
export function sharesUnit(unit: string, only?: readonly UnitProperty[]): readonly SharedLook[] {
  return unit.includes('*') ? [] : [{ by: 'tsp_units', word: unit, ...(only && { says: { by: 'tsp_unit_says', words: only } }) }]
}
