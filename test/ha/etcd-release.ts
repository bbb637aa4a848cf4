import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { $ } from 'zx'
import { cacheFolder } from '../lab/cache.ts'
import { binFolder } from '../lab/kubernetes/binaries.ts'
import { versions } from '../lab/kubernetes/versions.ts'

export interface Release {
  readonly file: string
  readonly sha256: string
}

/** etcd's release as its makers pack it, of the binaries that the lab has built. */
export async function releaseArchive(): Promise<Release> {
  const name = `etcd-${versions.etcd}-linux-amd64`
  const folder = join(cacheFolder, 'etcd-release')
  const file = join(folder, `${name}.tar.gz`)
  if ((await stat(file).catch(() => undefined)) === undefined) {
    const draft = `${folder}.${process.pid}`
    await mkdir(join(draft, name), { recursive: true })
    const built = binFolder('etcd', versions.etcd)
    await $({ quiet: true })`cp ${built}/server ${draft}/${name}/etcd && cp ${built}/etcdctl ${built}/etcdutl ${draft}/${name}/ && tar -C ${draft} --owner=0 --group=0 -czf ${draft}/archive ${name}`
    await mkdir(folder, { recursive: true })
    await rename(join(draft, 'archive'), file)
    await $({ quiet: true })`rm -rf ${draft}`
  }
  return { file, sha256: await sumOf(file) }
}

export const sumOf = async (file: string): Promise<string> => createHash('sha256').update(await readFile(file)).digest('hex')
