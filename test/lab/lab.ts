import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { $ } from 'zx'
import { hostAddress, hostNumber, networkOf } from './address-plan.ts'
import { machineApt } from './apt.ts'
import type { Outcome, SshOptions } from './login.ts'
import { login } from './login.ts'
import { cgroupsOf, cutPower, firstProcess, hostExists, hostRuns, removeHost, switchOn, untilGreeting } from './host.ts'
import { alone } from './machine-lock.ts'
import { makeNetwork, setLink } from './network.ts'
import { thisProcess } from './process.ts'
import { labRefusal } from './refusal.ts'
import { pruneRootfs, release, rootfs } from './rootfs.ts'
import type { LabState } from './state.ts'
import { allStates, hostsIn, isAbandoned, labFolder, readState, writeState } from './state.ts'
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

export interface LabOptions {
  /** Up to seven lower-case letters and digits. Default: a random name. */
  readonly name?: string
  /** Default: a random /24 that no other lab uses. */
  readonly subnet?: string
  /** Whether the lab stays when this process ends. Without it the next `openLab` sweeps it away. Default: false. */
  readonly keep?: boolean
  readonly say?: (line: string) => void
}

/** Opens a lab: a new one, or the one of that name that is already there. Sweeps labs whose owner has died. */
export async function openLab(options: LabOptions = {}): Promise<Lab> {
  const refusal = labRefusal()
  if (refusal !== undefined) throw new Error(refusal)
  await sweepLabs()
  const name = options.name ?? `t${randomBytes(3).toString('hex')}`
  if (!/^[a-z][a-z0-9]{0,6}$/.test(name)) throw new TypeError(`a lab's name has up to seven lower-case letters and digits, not "${name}"`)
  return labOf((await readState(name)) ?? (await newState(name, options)))
}

/** Takes down the labs of processes that ended without doing so. */
export async function sweepLabs(): Promise<void> {
  for (const state of await allStates()) if (isAbandoned(state)) await takeDown(state)
}

async function newState(name: string, options: LabOptions): Promise<LabState> {
  const others = await allStates()
  const taken = new Set(others.map(other => other.subnet))
  const free = Array.from({ length: 200 }, (_, index) => `10.203.${index + 16}.0/24`).filter(subnet => !taken.has(subnet))
  const subnet = options.subnet ?? free[Math.floor(Math.random() * free.length)] ?? ''
  networkOf(subnet)
  if (taken.has(subnet)) throw new Error(`the subnet ${subnet} belongs to the lab "${others.find(other => other.subnet === subnet)?.name}"`)
  const state: LabState = {
    name,
    subnet,
    prefix: `tsp-${name}`,
    rootfs: await rootfs(options.say ?? (() => undefined)),
    password: randomBytes(9).toString('base64url'),
    ...(options.keep === true ? {} : { owner: thisProcess() }),
  }
  await writeState(state)
  await pruneRootfs((await allStates()).map(other => other.rootfs))
  await $({ quiet: true })`ssh-keygen -q -t ed25519 -N '' -C ${`lab ${name}`} -f ${join(labFolder(name), 'id_ed25519')}`
  return state
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
  const up = async (...hosts: readonly string[]): Promise<void> => {
    for (const host of hosts) hostNumber(host)
    const { mirrors } = await machineApt(release)
    await alone(async () => {
      await makeNetwork(state, mirrors)
      await prepareSysctls()
    })
    let hash: Promise<string> | undefined
    for (const host of hosts) await switchOn(state, host, () => (hash ??= hashed(state.password)))
    await writeKnownHosts(state)
    await Promise.all(hosts.map(ready))
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
    down: () => takeDown(state),
    [Symbol.asyncDispose]: () => takeDown(state),
  }
  return lab
}

/** Written under another name first: a reader sees the old file or the new one. */
async function writeKnownHosts(state: LabState): Promise<void> {
  const hosts = (await hostsIn(state)).filter(host => hostExists(state, host))
  const lines = hosts.map(host => {
    const [kind, key] = readFileSync(join(labFolder(state.name), 'hosts', host, 'host_key.pub'), 'utf8').split(' ')
    return `${hostAddress(state.subnet, host)},${host} ${kind} ${key}\n`
  })
  const file = join(labFolder(state.name), 'known_hosts')
  await mkdir(labFolder(state.name), { recursive: true })
  const draft = `${file}.${randomBytes(4).toString('hex')}`
  await writeFile(draft, lines.join(''))
  await rename(draft, file)
}

/** The password goes in by stdin, as a secret should. */
async function hashed(password: string): Promise<string> {
  return (await $({ quiet: true, input: password + '\n' })`openssl passwd -6 -stdin`).stdout.trim()
}

export const labExists = (name: string): boolean => existsSync(join(labFolder(name), 'lab.json'))
