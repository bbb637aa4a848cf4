import { copy, directory, download, role, sh, symlink, unarchive, waitFor, type Command, type Item } from 'ts-play'
import { etcdTopology, unlessExternal } from '../kubernetes/etcd-topology.ts'
import { EtcdRelease } from '../outputs.ts'
import { releaseFolder } from './places.ts'

/** Looks, on the controller, at the archive of etcd's release. One that is not what the inventory says is refused before anything is changed. */
export const etcdRelease = role('etcd-release', {
  vars: { etcd: etcdTopology },
  outputs: { release: EtcdRelease },
  skip: ({ vars }) => unlessExternal(vars.etcd),
  produce: {
    release: async ({ vars, on }): Promise<EtcdRelease> => {
      if (vars.etcd.topology === 'stacked') throw new Error('etcd is stacked: it comes with the images')
      const { release } = vars.etcd
      if (release.from === 'url') return release
      const path = (await on.query(sh`readlink -e ${underHome(release.file)} || { echo ${`there is no file ${release.file}`} >&2; exit 1; }`)).trim()
      const found = (await on.query(sh`sha256sum <${path}`)).split(' ')[0]
      if (found !== release.sha256) throw new Error(`${path} has the SHA-256 ${found}, and etcd.release.sha256 is ${release.sha256}`)
      return { from: 'file', path, sha256: release.sha256 }
    },
  },
})

/** The oldest that has a readiness and corruption check of this form; kubeadm wants 3.5.24. */
const OLDEST = { major: 3, minor: 6 }

/** A member's release, whose tools are at hand for whoever is on its host. */
export function installRelease(release: EtcdRelease): Item[] {
  const folder = releaseFolder(release.sha256)
  return [...unpackRelease(release), ...['etcdctl', 'etcdutl'].map(tool => symlink({ path: `/usr/local/bin/${tool}`, target: `${folder}/${tool}` }))]
}

/** etcd, etcdctl and etcdutl in a folder of this very release. The archive stays, so that what was unpacked can be repaired without the controller. */
export function unpackRelease(release: EtcdRelease): Item[] {
  const archive = '/usr/local/lib/etcd/release.tar.gz'
  const folder = releaseFolder(release.sha256)
  return [
    directory({ path: '/usr/local/lib/etcd', mode: 0o755 }),
    directory({ path: folder, mode: 0o755 }),
    release.from === 'file' ? copy({ source: release.path, path: archive }) : download({ url: release.url, sha256: release.sha256, path: archive }),
    unarchive({ archive, sha256: release.sha256, path: folder, stripComponents: 1 }),
    waitFor({
      name: 'the release is not too old',
      until: sh`
      ${`${folder}/etcd`} --version | sed -n 's/^etcd Version: //p' | awk -F. ${`$1 > ${OLDEST.major} || ($1 == ${OLDEST.major} && $2 >= ${OLDEST.minor}) { fits = 1 } END { exit !fits }`} ||
        { echo ${`etcd of ${folder} is older than ${OLDEST.major}.${OLDEST.minor}, or none for this machine: choose another etcd.release`} >&2; exit 1; }`,
      timeout: 1000,
    }),
  ]
}

/** `~/` is whoever runs ts-play. */
function underHome(path: string): Command {
  return path.startsWith('~/') ? sh`"$HOME"/${path.slice(2)}` : sh`${path}`
}
