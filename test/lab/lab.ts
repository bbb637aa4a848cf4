import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { $ } from 'zx'
import { hostAddress, hostNumber } from './address-plan.ts'
import { machineApt } from './apt.ts'
import { cgroupsOf, cutPower, firstProcess, hostExists, hostRuns, removeHost, switchOn, untilGreeting } from './host.ts'
import { writeKnownHosts } from './known-hosts.ts'
import type { Outcome, SshOptions } from './login.ts'
import { login } from './login.ts'
import { alone } from './machine-lock.ts'
import { makeNetwork, setLink, setHearing } from './network.ts'
import type { LabOptions } from './new-lab.ts'
import { newLab } from './new-lab.ts'
import { labRefusal } from './refusal.ts'
import { release } from './rootfs.ts'
import type { LabState } from './state.ts'
import { allStates, hostsIn, isAbandoned, labFolder, readState } from './state.ts'
import { prepareSysctls } from './sysctls.ts'
import { takeDown } from './teardown.ts'

export interface HostStatus {
  readonly host: string
  readonly address: string
  readonly state: 'running' | 'off'
}

/** Real Debian hosts on this machine, on a bridge of their own. Every host is named by the address plan (lb1, cp2, w3, h1…). */
export interface Lab {
  readonly name: string
  readonly subnet: string
  readonly folder: string
  /** Private key that `root` and `ops` accept on every host. */
  readonly keyFile: string
  /** The hosts' real keys, by address and by name. */
  readonly knownHosts: string
  /** What `ops` answers sudo; root has no password. */
  readonly password: string
  readonly address: (host: string) => string
  /** Creates hosts that do not exist, switches on those that are off, and waits until one can log in. */
  readonly up: (...hosts: readonly string[]) => Promise<void>
  /** Power cut: nothing is written back, no service is stopped. The disk stays. */
  readonly kill: (host: string) => Promise<void>
  readonly start: (host: string) => Promise<void>
  /** An orderly `systemctl reboot`; waits until the host is back. */
  readonly reboot: (host: string) => Promise<void>
  /** A hung host: it answers nothing and keeps all it has. */
  readonly freeze: (host: string) => Promise<void>
  readonly thaw: (host: string) => Promise<void>
  /** Pulls the network cable, and puts it back. */
  readonly cut: (host: string) => Promise<void>
  readonly heal: (host: string) => Promise<void>
  /** Every packet from the other host is dropped at this one, and no other; and no longer. */
  readonly deafen: (host: string, other: string) => Promise<void>
  readonly listen: (host: string, other: string) => Promise<void>
  /** Runs a shell command over SSH; what it says and its status are values. Status 255 is ssh's own failure. */
  readonly exec: (host: string, command: string, options?: SshOptions) => Promise<Outcome>
  /** The same at the host's console: as root, without the network. */
  readonly console: (host: string, command: string) => Promise<Outcome>
  readonly status: () => Promise<readonly HostStatus[]>
  /** Kills the host for good: its disk, its address and its keys are gone. */
  readonly destroy: (host: string) => Promise<void>
  /** Removes the whole lab and proves that nothing of it is left on the machine. */
  readonly down: () => Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Opens a lab: a new one, or the one of that name that is already there. Sweeps labs whose owner has died. */
export async function openLab(options: LabOptions = {}): Promise<Lab> {
  const refusal = labRefusal()
  if (refusal !== undefined) throw new Error(refusal)
  await sweepLabs()
  const known = options.name === undefined ? undefined : await readState(options.name)
  return labOf(known ?? (await newLab(options)))
}

/** Takes down the labs of processes that ended without doing so. */
export async function sweepLabs(): Promise<void> {
  for (const state of await allStates()) if (isAbandoned(state)) await takeDown(state)
}

function labOf(state: LabState): Lab {
  const folder = labFolder(state.name)
  const files = { folder, keyFile: join(folder, 'id_ed25519'), knownHosts: join(folder, 'known_hosts') }
  const made = (host: string): string => {
    if (hostExists(state, host)) return host
    throw new Error(`the lab "${state.name}" has no host "${host}"`)
  }
  const running = (host: string): string => {
    if (hostRuns(state, made(host))) return host
    throw new Error(`the lab host "${host}" is off`)
  }
  const exec: Lab['exec'] = (host, command, options = {}) => login({ ...files, address: hostAddress(state.subnet, host), command, ...options })
  const ready = async (host: string): Promise<void> => {
    const deadline = Date.now() + 60_000
    await untilGreeting(state, host, deadline)
    // Until this file is gone PAM lets only root in.
    const outcome = await exec(host, 'while [ -e /run/nologin ]; do sleep 0.05; done', { timeout: 60_000 })
    if (outcome.code !== 0) throw new Error(`cannot log in to lab host ${host}: ${outcome.stderr}`)
  }
  // Whoever waits for hosts may give up before they are up, and take the lab down: what is being switched on would be left behind.
  const beginning = new Set<Promise<void>>()
  let closing = false
  const up = async (...hosts: readonly string[]): Promise<void> => {
    const begun = begin(hosts)
    beginning.add(begun)
    await begun.finally(() => beginning.delete(begun))
  }
  const begin = async (hosts: readonly string[]): Promise<void> => {
    for (const host of hosts) hostNumber(host)
    const { mirrors } = await machineApt(release)
    await alone(async () => {
      await makeNetwork(state, mirrors)
      await prepareSysctls()
    })
    for (const host of hosts) {
      if (closing) throw new Error(`the lab "${state.name}" is being taken down`)
      await switchOn(state, host)
    }
    await writeKnownHosts(state)
    await Promise.all(hosts.map(ready))
  }
  const down = async (): Promise<void> => {
    closing = true
    await Promise.allSettled(beginning)
    await takeDown(state)
    closing = false
  }
  const lab: Lab = {
    name: state.name,
    subnet: state.subnet,
    password: state.password,
    ...files,
    address: host => hostAddress(state.subnet, host),
    up,
    kill: host => cutPower(state, made(host)),
    start: host => up(made(host)),
    async reboot(host) {
      const boot = async (): Promise<string> => (await exec(host, 'cat /proc/sys/kernel/random/boot_id', { timeout: 5_000 })).stdout
      const before = await boot()
      await exec(running(host), 'systemctl reboot', { timeout: 10_000 })
      for (const end = Date.now() + 90_000; Date.now() < end; await sleep(200)) {
        const now = await boot()
        if (now !== '' && now !== before) return ready(host)
      }
      throw new Error(`lab host ${host} did not come back from its reboot`)
    },
    freeze: host => cgroupsOf(state, running(host)).freeze(),
    thaw: host => cgroupsOf(state, running(host)).thaw(),
    cut: host => setLink(state, made(host), 'down'),
    heal: host => setLink(state, made(host), 'up'),
    deafen: (host, other) => setHearing(state, made(host), { of: made(other), to: 'closed' }),
    listen: (host, other) => setHearing(state, made(host), { of: made(other), to: 'open' }),
    exec,
    async console(host, command) {
      const first = firstProcess(cgroupsOf(state, running(host)))
      const result = await $({ quiet: true, nothrow: true })`nsenter --target ${first} --all -- sh -c ${command}`
      return { code: result.exitCode ?? 255, stdout: result.stdout, stderr: result.stderr }
    },
    status: async () => (await hostsIn(state)).map(host => ({ host, address: hostAddress(state.subnet, host), state: hostRuns(state, host) ? 'running' : 'off' })),
    async destroy(host) {
      await removeHost(state, made(host))
      await writeKnownHosts(state)
    },
    down,
    [Symbol.asyncDispose]: down,
  }
  return lab
}

export const labExists = (name: string): boolean => existsSync(join(labFolder(name), 'lab.json'))
