import { command, directory, file, sh, symlink, type Item } from 'ts-play'
import { etcdTools, installEtcdTools } from '../kubernetes/etcd-tools.ts'
import type { EtcdTopology } from '../kubernetes/etcd-topology.ts'
import type { EtcdRelease } from '../outputs.ts'
import { releaseFolder } from './places.ts'
import { unpackRelease } from './release.ts'

/**
 * etcd's programs at one place, whatever the topology: a snapshot is read best by the version that wrote it. Stacked, they come out of the image that runs; external, out
 * of the release that runs on etcd's hosts, also on control planes, which have no etcd of their own.
 */
export function etcdToolsFor({ topology }: EtcdTopology, release: EtcdRelease | undefined): Item[] {
  if (topology === 'stacked' || release === undefined) return [installEtcdTools()]
  return [
    ...unpackRelease(release),
    command({ name: `make ${etcdTools}`, run: sh`mkdir -p ${etcdTools}`, creates: etcdTools }),
    directory({ path: etcdTools, mode: 0o755 }),
    ...['etcd', 'etcdctl', 'etcdutl'].map(tool => symlink({ path: `${etcdTools}/${tool}`, target: `${releaseFolder(release.sha256)}/${tool}` })),
    file({ path: `${etcdTools}/image`, content: `release ${release.sha256}\n` }),
  ]
}
