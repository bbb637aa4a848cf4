/** `etcd-HOST-20261123T063419Z.tar.age`: sorted by its last part it is sorted by age, and no part of it can leave its folder. */
const PATTERN = /^etcd-([A-Za-z0-9_][A-Za-z0-9._-]*)-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.tar(\.age)?$/

export interface BackupName {
  readonly name: string
  readonly host: string
  /** 20261123T063419Z */
  readonly stamp: string
  /** Seconds since 1970. */
  readonly taken: number
  readonly encrypted: boolean
}

/** Reads a name that a host or a store gave; `undefined`: it is none of a backup. */
export function parseBackupName(name: string): BackupName | undefined {
  const [, host, year, month, day, hour, minute, second, age] = PATTERN.exec(name) ?? []
  if (host === undefined) return undefined
  const taken = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) / 1000
  return Number.isNaN(taken) ? undefined : { name, host, stamp: `${year}${month}${day}T${hour}${minute}${second}Z`, taken, encrypted: age !== undefined }
}

/** The newest of names, whatever host they are of; what is none of a backup is passed over. */
export function newestBackup(names: readonly string[]): BackupName | undefined {
  return names.flatMap(name => parseBackupName(name) ?? []).toSorted((a, b) => a.taken - b.taken || a.name.localeCompare(b.name)).at(-1)
}
