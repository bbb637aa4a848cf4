import { rm } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { $ } from 'zx'
import { cgroupsLeft } from './cgroups.ts'
import { removeHost } from './host.ts'
import { alone } from './machine-lock.ts'
import { networkLeft, removeNetwork } from './network.ts'
import type { LabState } from './state.ts'
import { hostsIn, labFolder, prefixOf } from './state.ts'
import { restoreSysctls } from './sysctls.ts'

/** Removes all of a lab, in the order in which nothing can still use what goes; then proves it. Safe to repeat. */
export async function takeDown(lab: LabState): Promise<void> {
  for (const host of await hostsIn(lab)) await removeHost(lab, host)
  const unrestored = await alone(async () => {
    await removeNetwork(lab)
    await rm(labFolder(lab.name), { recursive: true, force: true })
    return (await anyLabUp()) ? [] : restoreSysctls()
  })
  const left = [...(await leftovers(lab)), ...unrestored.map(name => `sysctl ${name}`)]
  if (left.length > 0) throw new Error(`the lab "${lab.name}" left something on this machine:\n${left.join('\n')}`)
}

/** Whatever on this machine still bears the lab's name: mounts, processes, links, namespaces, rules, routes, cgroups. */
export async function leftovers(lab: LabState): Promise<readonly string[]> {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n').filter(line => line.includes(`${labFolder(lab.name)}/`) || line.includes(`/${lab.prefix}-`))
  const processes = await $({ quiet: true, nothrow: true })`pgrep -af ${`machine=${lab.prefix}-`}`
  return [...mounts, ...processes.stdout.split('\n').filter(line => line.includes('systemd-nspawn')), ...(await networkLeft(lab)), ...cgroupsLeft(lab.prefix)]
}

/** A lab is up while its bridge is there, whoever's lab it is. */
async function anyLabUp(): Promise<boolean> {
  return (await $({ quiet: true })`ip -o link show type bridge`).stdout.includes(` ${prefixOf('')}`)
}
