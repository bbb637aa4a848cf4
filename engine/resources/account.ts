/**
 * Shell function of the kinds that manage users and groups.
 *
 * `tsp_account DATABASE NAME`: the entry in `passwd` or `group`, from every source the host asks (nsswitch.conf(5)); nothing where there is none.
 */
export const accountShell = `
tsp_account() {
  if command -v getent >/dev/null 2>&1; then getent "$1" "$2" || [ $? -eq 2 ]
  else awk -F : -v name="$2" '$1 == name' "/etc/$1"
  fi
}
`

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
