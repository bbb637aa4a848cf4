import { sh, type Command } from 'ts-play'

/** Where the backups of a cluster lie on the controller. */
export const collected = (root: string, clusterName: string): string => `${root}/${clusterName}`

/** Prints what lies there, one name a line; nothing where there is no such folder. */
export function listBackups(folder: string): Command {
  return sh`[ ! -d ${folder} ] || find ${folder} -maxdepth 1 -type f -name 'etcd-*.tar*' | sed 's|.*/||'`
}
