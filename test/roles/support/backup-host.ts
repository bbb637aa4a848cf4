import { spawnSync } from 'node:child_process'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { etcdPrograms, realEtcd, unitsByHand, type RealEtcd } from './etcd.ts'

/** What kubectl answers when it is asked who the cluster is. */
export const clusterUid = '0b0fd40a-76ac-4a58-8ad0-cde52c5a3f2b'

export interface BackupHost {
  readonly etcd: RealEtcd
  /** Runs a script of a control plane's with its paths in the folder. While the file `down` is there kubectl fails. */
  readonly run: (script: string, stdin?: string) => { readonly status: number | null; readonly stdout: string; readonly stderr: string }
}

/** What a control plane has that backups need, in a folder: a real etcd with two keys, kubectl that answers by heart, and etcdctl that is told another address, and gets no answer at 192.0.2.… */
export async function backupHost(folder: string, port: number): Promise<BackupHost> {
  etcdPrograms(join(folder, 'tools'))
  unitsByHand(join(folder, 'bin'))
  const etcd = await realEtcd(folder, port)
  etcd.etcdctl('put', '/registry/namespaces/kube-system', `k8s: ${clusterUid} x`)
  etcd.etcdctl('put', '/registry/configmaps/a', 'b')
  mkdirSync(join(folder, 'kubernetes/pki/etcd'), { recursive: true })
  writeFileSync(join(folder, 'kubernetes/pki/ca.key'), 'PRIVATE', { mode: 0o600 })
  writeFileSync(join(folder, 'tools/image'), 'registry.k8s.io/etcd:1\n')
  renameSync(join(folder, 'tools/etcdctl'), join(folder, 'etcdctl'))
  writeFileSync(join(folder, 'tools/etcdctl'), `#!/bin/sh\ncase $1 in --endpoints=https://192.0.2.*) exit 1 ;; --endpoints=https*) shift 4 ;; *) exec ${folder}/etcdctl "$@" ;; esac\nexec ${folder}/etcdctl --endpoints ${etcd.client} "$@"\n`, { mode: 0o755 })
  writeFileSync(join(folder, 'bin/kubectl'), `#!/bin/sh\n[ ! -e ${folder}/down ] || exit 1\ncase "$*" in *kube-system' -o '*uid*) printf ${clusterUid} ;; *) echo 'clusterName: lab' ;; esac\n`, { mode: 0o755 })
  const here = (script: string): string => script
    .replaceAll('/usr/local/lib/ts-play/etcd', join(folder, 'tools')).replaceAll('/etc/kubernetes', join(folder, 'kubernetes'))
    .replaceAll('/var/lib/ts-play/drill', join(folder, 'drill')).replaceAll('/etc/ts-play/', `${folder}/`)
    // Another test file drills at the same time.
    .replaceAll(':12379', `:${port + 100}`).replaceAll(':12380', `:${port + 101}`).replace('PATH=', `PATH=${join(folder, 'bin')}:`)
  return {
    etcd,
    run: (script, stdin = '') => {
      const { status, stdout, stderr } = spawnSync('sh', ['-euc', here(script)], { encoding: 'utf8', input: stdin, env: { PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`, PIDS: join(folder, 'pids') } })
      return { status, stdout, stderr }
    },
  }
}
