import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { binFolder } from './binaries.ts'
import { goBuild } from './go-build.ts'
import { imageTar, layer } from './image.ts'
import { shellUserland } from './userland.ts'

export const vipImage = 'docker.io/lab/vip:1'

/**
 * What stands for kube-vip in the lab: kube-vip's own module, or the checksum of it, is not on every mirror of the Go proxy. Not part of the bundle, which holds real
 * software only.
 */
export async function vipImageTar(say: (line: string) => void): Promise<Buffer> {
  const output = binFolder('own', 'v1')
  await goBuild({ source: fileURLToPath(new URL('go', import.meta.url)), output, packages: ['./vip'], say })
  const program = layer([{ type: 'file', path: 'vip', content: await readFile(join(output, 'vip')) }])
  return imageTar({ reference: vipImage, layers: [layer(await shellUserland()), program], entrypoint: ['/vip'] })
}
