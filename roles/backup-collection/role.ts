import { assert, byHost, command, directory, fetch, optional, role, sh, type Item } from 'ts-play'
import { backupStore, unlessStoreIs, type StoreOf } from '../kubernetes/backup-store.ts'
import { home, underHome } from '../kubernetes/home.ts'
import { clusterName } from '../kubernetes/variables.ts'
import { BackupOffer, StoredBackups } from '../outputs.ts'
import { collected, listBackups } from './folder.ts'

/**
 * Brings the newest backup of each control plane to the controller, and keeps so many of each. Nothing that a host says becomes a path here beyond a time that
 * reads like one: folder and name are made of the inventory's own words.
 */
export const backupCollection = role('backup-collection', {
  tags: ['etcd-backup'],
  vars: { backupStore, clusterName },
  facts: { home },
  inputs: { offers: optional(byHost(BackupOffer)) },
  outputs: { stored: StoredBackups },
  skip: ({ vars }) => unlessStoreIs('controller', vars.backupStore),
  neededWhen: { offers: () => true },
  tasks: ({ vars, facts, inputs }) => {
    const { backupStore: store } = vars
    if (store?.to !== 'controller') return []
    const root = underHome(store.folder, facts.home)
    const folder = collected(root, vars.clusterName)
    const offers = [...(inputs.offers ?? [])]
    const clear = offers.filter(([, { encrypted }]) => !encrypted).map(([host]) => host)
    return [
      assert({
        name: 'what comes here can be read by few',
        that: clear.length === 0 || store.unencrypted,
        message: `the backups of ${clear.join(', ')} hold the keys of the cluster in clear`,
        remedy: 'set backupRecipients and run again, or backupStore.unencrypted: true',
      }),
      // Only made where it is missing: whose folder it is decides on its mode.
      command({ name: `make ${root}`, run: sh`mkdir -p -m 700 ${root}`, creates: root }),
      directory({ path: folder, mode: 0o700 }),
      ...offers.flatMap(([host, offer]) => bring(host, offer, { folder, keep: store.keep })),
    ]
  },
  produce: {
    stored: async ({ vars, facts, on }) => ({ names: vars.backupStore?.to === 'controller' ? await on.query(listBackups(collected(underHome(vars.backupStore.folder, facts.home), vars.clusterName))).then(lines) : [] }),
  },
})

const lines = (text: string): readonly string[] => text.split('\n').filter(line => line !== '')

function bring(host: string, { path, stamp, encrypted, size, sha256 }: BackupOffer, { folder, keep }: { readonly folder: string } & Pick<StoreOf<'controller'>, 'keep'>): readonly Item[] {
  const own = `etcd-${host}-`
  const old = sh`find ${folder} -maxdepth 1 -type f -name ${`${own}[0-9]*T[0-9]*Z.tar*`} | sort -r | tail -n +${keep + 1}`
  return [
    assert({
      name: `${host} can be part of a file’s name`,
      that: /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(host),
      message: `a backup of ${JSON.stringify(host)} would have a name that cannot be read back`,
      remedy: 'give the host a name of letters, digits, ".", "_" and "-"',
    }),
    fetch({ from: { host, user: 'root', path, size, sha256 }, path: `${folder}/${own}${stamp}.tar${encrypted ? '.age' : ''}`, mode: 0o600 }),
    command({ name: `keep ${keep} of ${host}`, run: sh`${old} | while read -r file; do rm -f "$file"; done`, unless: sh`[ -z "$(${old})" ]` }),
  ]
}
