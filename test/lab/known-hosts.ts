import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hostAddress } from './address-plan.ts'
import { hostExists } from './host.ts'
import type { LabState } from './state.ts'
import { hostFolder, hostsIn, labFolder } from './state.ts'

/** The hosts' real keys, by address and by name. Written under another name first: a reader sees the old file or the new one. */
export async function writeKnownHosts(state: LabState): Promise<void> {
  const hosts = (await hostsIn(state)).filter(host => hostExists(state, host))
  const lines = hosts.map(host => {
    const [kind, key] = readFileSync(join(hostFolder(state, host), 'host_key.pub'), 'utf8').split(' ')
    return `${hostAddress(state.subnet, host)},${host} ${kind} ${key}\n`
  })
  const file = join(labFolder(state.name), 'known_hosts')
  const draft = `${file}.${randomBytes(4).toString('hex')}`
  await writeFile(draft, lines.join(''))
  await rename(draft, file)
}
