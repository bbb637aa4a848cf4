import { existsSync } from 'node:fs'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { z } from 'zod'
import { inGo } from './go-build.ts'

const Download = z.object({ Dir: z.string() })

/** One needs modules that the proxy does not serve, the other a C compiler; a lab uses neither, but vxlan or host-gw. */
const leftOut = ['tencentvpc', 'udp']

/** flannel's module, copied so that two back-ends can be left out of it. */
export async function flannelSource(source: string, version: string): Promise<void> {
  const main = join(source, 'main.go')
  if (!existsSync(main)) {
    const found = Download.parse(JSON.parse((await inGo(tmpdir())`go mod download -json github.com/flannel-io/flannel@${version}`).stdout))
    await rm(source, { recursive: true, force: true })
    await cp(found.Dir, source, { recursive: true })
    await inGo(source)`chmod -R u+w .`
  }
  const text = await readFile(main, 'utf8')
  await writeFile(main, text.split('\n').filter(line => !leftOut.some(name => line.includes(`pkg/backend/${name}"`))).join('\n'))
  for (const name of leftOut) await rm(join(source, 'pkg/backend', name), { recursive: true, force: true })
}
