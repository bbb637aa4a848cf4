import type { SharedLook } from '../model/session.ts'
import { withoutComments } from '../model/shell-text.ts'

/**
 * Shell functions of the kinds that manage users and groups. Who has no `getent` (busybox) is asked file by file.
 *
 * - `tsp_account DATABASE NAME`: the entry in `passwd` or `group`, from every source the host asks (nsswitch.conf(5)); nothing where there is none.
 * - `tsp_groups NAME`: the names of a user's groups, the primary one first.
 * - `tsp_user ENTRY GROUPS [HOME]`: what a probe tells of a user: id, home and shell of the entry, groups, and whether HOME (its own where none is given) is there.
 * - `tsp_accounts DATABASE/NAME…`: the same for many, for the probes of a frame: one `getent` for each database, and one `id`.
 * - `tsp_group_says NUMBER NAME`, `tsp_user_says NUMBER NAME [HOME]`: what the probes of the two tell, of what `tsp_accounts` saw alone.
 */
export const accountShell = withoutComments(`
tsp_account() {
  tsp_shown=
  [ -z "\${tsp_accounts_at-}" ] || eval "tsp_shown=\\$tsp_account_$tsp_accounts_at"
  case $tsp_shown in
    "$1/$2:"*) printf '%s\\n' "\${tsp_shown#*/}" ;;
    *)
      if command -v getent >/dev/null 2>&1; then getent "$1" "$2" || [ $? -eq 2 ]
      else awk -F : -v name="$2" '$1 == name' "/etc/$1"
      fi
      ;;
  esac
}
tsp_groups() {
  tsp_shown=
  [ -z "\${tsp_accounts_at-}" ] || eval "tsp_shown=\\$tsp_groups_$tsp_accounts_at"
  case $tsp_shown in "$1/"*) printf '%s\\n' "\${tsp_shown#*/}" ;; *) id -Gn "$1" ;; esac
}
tsp_user() {
  tsp_entry=\${1#*:*:}
  tsp_uid=\${tsp_entry%%:*} tsp_entry=\${tsp_entry#*:*:*:}
  printf '%s\\n' "$tsp_uid:$tsp_entry"
  # The first of the groups is the primary one.
  echo "\${2%% *}"
  echo "$2"
  if [ -d "\${3-\${tsp_entry%%:*}}" ]; then echo home; else echo 'no home'; fi
}
tsp_group_says() {
  eval "tsp_shown=\\$tsp_account_$1"
  case $tsp_shown in "group/$2:"*) printf '%s\\n' "\${tsp_shown#*/}" ;; *) return 1 ;; esac
}
tsp_user_says() {
  eval "tsp_shown=\\$tsp_account_$1 tsp_names=\\$tsp_groups_$1"
  case $tsp_shown in "passwd/$2:"*) ;; *) return 1 ;; esac
  case $tsp_names in "$2/"*) ;; *) return 1 ;; esac
  # Looked for from the root directory.
  tsp_entry=\${tsp_shown%:*}
  case \${tsp_entry##*:} in [!/]*) return 1 ;; esac
  shift 2
  tsp_user "\${tsp_shown#*/}" "\${tsp_names#*/}" "$@"
}
tsp_accounts() {
  tsp_n=0
  for tsp_word do eval "tsp_account_$tsp_n= tsp_groups_$tsp_n="; tsp_n=$((tsp_n + 1)); done
  command -v getent >/dev/null 2>&1 || return 0
  for tsp_database in passwd group; do
    tsp_names=
    for tsp_word do case $tsp_word in "$tsp_database"/*) tsp_names="$tsp_names \${tsp_word#*/}" ;; esac; done
    [ -z "$tsp_names" ] || tsp_entries=$(getent "$tsp_database" $tsp_names) || :
    [ -z "$tsp_names" ] || tsp_accounts_of "$@"
  done
}
# Entries of $tsp_database, in the order of the words; who is not there has none.
tsp_accounts_of() {
  IFS='
'
  set -f
  tsp_n=0 tsp_users=
  for tsp_line in $tsp_entries; do
    while [ $# -gt 0 ] && [ "$1" != "$tsp_database/\${tsp_line%%:*}" ]; do shift; tsp_n=$((tsp_n + 1)); done
    [ $# -gt 0 ] || break
    eval "tsp_account_$tsp_n=\\$tsp_database/\\$tsp_line"
    tsp_users=$tsp_users$tsp_n/\${tsp_line%%:*}$IFS
    tsp_n=$((tsp_n + 1))
    shift
  done
  [ "$tsp_database" = group ] || [ -z "$tsp_users" ] || tsp_groups_of $tsp_users
  unset IFS
  set +f
}
# Each word: number and name. A line says not whose it is: all are told of, or none. Not every \`id\` takes more than one name.
tsp_groups_of() {
  [ $# -gt 1 ] || return 0
  tsp_names=
  for tsp_word do tsp_names=$tsp_names\${tsp_word#*/}$IFS; done
  tsp_shown=$(id -Gn -- $tsp_names 2>/dev/null) || return 0
  for tsp_line in $tsp_shown; do
    [ $# -gt 0 ] || break
    tsp_word=\${1#*/}
    eval "tsp_groups_\${1%%/*}=\\$tsp_word/\\$tsp_line"
    shift
  done
}
`)

/**
 * What a probe that calls `tsp_account` and `tsp_groups` for one account can share.
 *
 * @param home of a user, where it is another one than the entry's
 */
export function sharesAccount(database: 'passwd' | 'group', name: string, home?: string): readonly SharedLook[] {
  const says = database === 'group' ? 'tsp_group_says' : 'tsp_user_says'
  return [{ by: 'tsp_accounts', word: `${database}/${name}`, says: { by: says, words: home === undefined ? [name] : [name, home] } }]
}

/** A user or group by name; more is refused by useradd(8) itself, as the host is configured. @throws TypeError */
export function accountName(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/.test(name)) throw new TypeError(`${JSON.stringify(name)} is no name of a user or group`)
  return name
}

/** @throws TypeError unless it is a whole number that a user or group can have */
export function accountId(id: number): number {
  if (!Number.isInteger(id) || id < 0 || id > 4_294_967_294) throw new TypeError(`${id} is no id of a user or group`)
  return id
}
