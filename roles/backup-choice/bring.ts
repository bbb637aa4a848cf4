import { command, copy, sh, type Item } from 'ts-play'
import type { BackupStore } from '../kubernetes/backup-store.ts'
import { s3Shell } from '../kubernetes/s3.ts'
import type { ChosenBackup } from '../outputs.ts'

export interface Destination {
  /** Where the backup is to lie on the host. */
  readonly whole: string
  /** Where is written down what it is called in the storage, and its sum. */
  readonly name: string
}

/** The backup as it is, from the controller to this host. */
export function bringLocal({ source }: ChosenBackup, { whole }: Destination): Item {
  return copy({ source, path: whole, mode: 0o600 })
}

/** The backup as it is, got by this host itself from the storage. */
export function bringRemote({ name }: ChosenBackup, to: Destination, { backupStore: store, clusterName }: { readonly backupStore?: BackupStore | undefined; readonly clusterName: string }): readonly Item[] {
  if (store?.to !== 's3') return []
  return [
    command({
      name: `get ${name} from the storage`,
      run: sh`
    umask 077
    ${s3Shell(store, clusterName)}
    rm -f ${to.whole} ${to.name}
    s3_get ${name} ${to.whole}
    echo ${name}" $(sha256sum <${to.whole})" >${to.name}`,
      // With its sum: the same place may have got another backup since.
      unless: sh`[ -s ${to.whole} ] && [ "$(cat ${to.name})" = ${name}" $(sha256sum <${to.whole})" ]`,
      timeout: 3_600_000,
    }),
  ]
}
