import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { WORKLOAD } from '../workload.ts'
import type { ClusterFault } from './fault.ts'
import { secondsOf, told, type Site } from './site.ts'

const uid = (site: Site): Promise<string> => site.kube.kubectl('get', 'namespace', 'kube-system', '-o', 'jsonpath={.metadata.uid}')

/** A pair of keys for backups: the public one is a variable, the other one a file of the test's. */
async function keys(site: Site): Promise<void> {
  const pair = await site.on('lb1', '{ apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y age; } >/dev/null 2>&1 && age-keygen 2>&1')
  const file = join(site.folder, 'backup.key')
  await writeFile(file, /AGE-SECRET-KEY-1\S+/.exec(pair)?.[0] ?? '', { mode: 0o600 })
  site.vars = { ...site.vars, backupRecipients: `['${/age1\S+/.exec(pair)?.[0]}']`, restoreIdentity: `!file ${file}` }
}

/** What takes the data with it. */
export const disasters: readonly ClusterFault[] = [
  {
    id: 'F11',
    to: 'a cluster',
    what: 'all members of etcd go back to a backup',
    criteria: {},
    inject: async (site, writer) => {
      await keys(site)
      await site.kube.apply(WORKLOAD)
      await site.kube.kubectl('rollout', 'status', 'daemonset/web', '--timeout', '120s', '--request-timeout', '0')
      // What was acknowledged before the backup has to be there after the restore.
      await writer.end()
      const [was, [first = '']] = [await uid(site), site.controlPlanes]
      const taken = await site.run('etcd-backup')
      expect(taken.code, told(taken)).toBe(0)
      const content = await site.on(first, 'base64 -w0 "$(ls /var/backups/ts-play/*.age | sort | tail -n 1)"')
      const file = join(site.folder, 'backup.tar.age')
      await writeFile(file, Buffer.from(content, 'base64'), { mode: 0o600 })
      await site.kube.kubectl('create', 'configmap', 'later', '--from-literal=said=yes')
      site.vars = { ...site.vars, restoreFrom: file }
      const restored = await site.run('etcd-restore', '--allow-destroy', site.controlPlanes.join(','))
      const { restoreFrom: _, ...vars } = site.vars
      site.vars = vars
      expect(restored.code, told(restored)).toBe(0)
      expect(await uid(site)).toBe(was)
      expect(await site.kube.kubectl('get', 'configmap', 'later', '--ignore-not-found', '-o', 'name'), 'what came after the backup is gone').toBe('')
      // Controllers watch: pods that go come back.
      await site.kube.kubectl('delete', 'pods', '-l', 'app=web', '--wait=false')
      await site.kube.kubectl('rollout', 'status', 'daemonset/web', '--timeout', '180s', '--request-timeout', '0')
      return { text: `restored in ${secondsOf(restored)} s; namespace UID equal, later object gone, watches work` }
    },
    well: site => site.allReady(),
  },
  {
    id: 'F12',
    to: 'a cluster',
    what: 'two of three control planes are destroyed, and the third goes on',
    criteria: {},
    inject: async site => {
      const [survivor = '', ...gone] = site.controlPlanes
      const was = await uid(site)
      for (const host of gone) await site.lab.destroy(host)
      site.controlPlanes = [survivor]
      const recovered = await site.run('etcd-restore', '--allow-destroy', survivor)
      expect(recovered.code, told(recovered)).toBe(0)
      expect(await uid(site)).toBe(was)
      await site.lab.up(...gone)
      site.controlPlanes = [survivor, ...gone]
      const joined = await site.run('ha')
      expect(joined.code, told(joined)).toBe(0)
      return { text: `${survivor} alone serves again after ${secondsOf(recovered)} s, three members after ${secondsOf(joined)} s more` }
    },
    well: site => site.allReady(),
  },
]
