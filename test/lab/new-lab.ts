import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { $ } from 'zx'
import { networkOf } from './address-plan.ts'
import { alone } from './machine-lock.ts'
import { thisProcess } from './process.ts'
import { pruneRootfs, rootfs } from './rootfs.ts'
import type { LabState } from './state.ts'
import { allStates, labFolder, prefixOf, writeState } from './state.ts'

export interface LabOptions {
  /** Up to seven lower-case letters and digits. Default: a random name. */
  readonly name?: string
  /** Default: a random /24 that no other lab uses. */
  readonly subnet?: string
  /** Whether the lab stays when this process ends. Without it the next `openLab` sweeps it away. Default: false. */
  readonly keep?: boolean
  /** Debian packages that the hosts have from the beginning, beside those of a bare one. */
  readonly packages?: readonly string[]
  readonly say?: (line: string) => void
}

/** A lab on disk and nothing on the machine yet: its name, subnet, rootfs, key and password. */
export async function newLab(options: LabOptions): Promise<LabState> {
  const name = options.name ?? `t${randomBytes(3).toString('hex')}`
  if (!/^[a-z][a-z0-9]{0,6}$/.test(name)) throw new TypeError(`a lab's name has up to seven lower-case letters and digits, not "${name}"`)
  const folder = await rootfs(options.say ?? (() => undefined), options.packages)
  // Two that choose at once would not see each other's subnet.
  const state = await alone(async () => {
    const chosen: LabState = {
      name,
      subnet: freeSubnet(await allStates(), options.subnet),
      prefix: prefixOf(name),
      rootfs: folder,
      password: randomBytes(9).toString('base64url'),
      ...(options.keep === true ? {} : { owner: thisProcess() }),
    }
    await writeState(chosen)
    return chosen
  })
  await pruneRootfs((await allStates()).map(other => other.rootfs))
  await $({ quiet: true })`ssh-keygen -q -t ed25519 -N '' -C ${`lab ${name}`} -f ${join(labFolder(name), 'id_ed25519')}`
  return state
}

/** The wanted subnet, or any of two hundred, that no other lab has. */
function freeSubnet(others: readonly LabState[], wanted: string | undefined): string {
  const taken = new Map(others.map(other => [other.subnet, other.name]))
  const free = Array.from({ length: 200 }, (_, index) => `10.203.${index + 16}.0/24`).filter(subnet => !taken.has(subnet))
  const subnet = wanted ?? free[Math.floor(Math.random() * free.length)] ?? ''
  networkOf(subnet)
  if (taken.has(subnet)) throw new Error(`the subnet ${subnet} belongs to the lab "${taken.get(subnet)}"`)
  return subnet
}
