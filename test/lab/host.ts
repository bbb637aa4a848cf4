import { connect } from 'node:net'
import { existsSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { hostAddress } from './address-plan.ts'
import type { HostCgroups } from './cgroups.ts'
import { hostCgroups } from './cgroups.ts'
import { harvestDebs } from './debs.ts'
import { makeLayer } from './layer.ts'
import { plugHost, unplugHost } from './network.ts'
import { startSupervisor } from './supervisor.ts'
import type { LabState } from './state.ts'
import { hostFolder } from './state.ts'

export const cgroupsOf = (lab: LabState, host: string): HostCgroups => hostCgroups(lab.prefix, host)
export const hostExists = (lab: LabState, host: string): boolean => existsSync(join(hostFolder(lab, host), 'host_key.pub'))
export const hostRuns = (lab: LabState, host: string): boolean => cgroupsOf(lab, host).processes().length > 0

/** Makes the host's disk if it has none, and switches it on. Does not wait for it to boot. */
export async function switchOn(lab: LabState, host: string): Promise<void> {
  if (hostRuns(lab, host)) return
  if (!hostExists(lab, host)) {
    await rm(hostFolder(lab, host), { recursive: true, force: true }) // what an interrupted creation left
    await makeLayer(lab, host)
  }
  await plugHost(lab, host)
  const cgroups = cgroupsOf(lab, host)
  await cgroups.prepare()
  await startSupervisor(lab, host, cgroups)
}

/**
 * A power cut: SIGKILL to the host's PID 1, whose end takes every process of its pid namespace along. Killing nspawn
 * instead would leave the host running, without a parent.
 */
export async function cutPower(lab: LabState, host: string): Promise<void> {
  const cgroups = cgroupsOf(lab, host)
  if (cgroups.processes().length > 0) await cgroups.thaw() // a frozen process does not die
  const first = firstProcess(cgroups)
  if (first !== undefined) signal(first)
  const gone = await emptied(cgroups, 5_000)
  // The host may have been caught before it had a PID 1; then its supervisor and nspawn are ended themselves.
  if (!gone) for (const pid of cgroups.processes()) signal(pid)
  if (!(await emptied(cgroups, 10_000))) throw new Error(`processes of lab host ${host} do not end: ${cgroups.processes().join(' ')}`)
  await cgroups.remove()
}

/** Removes a host and all it left on the machine. It is cut off first, so its files are never pulled from under it. */
export async function removeHost(lab: LabState, host: string): Promise<void> {
  await cutPower(lab, host)
  await unplugHost(lab, host)
  await cgroupsOf(lab, host).remove()
  await harvestDebs(join(hostFolder(lab, host), 'upper'))
  await rm(hostFolder(lab, host), { recursive: true, force: true })
  await rm(`/run/systemd/nspawn/propagate/${lab.prefix}-${host}`, { recursive: true, force: true })
}

/** The host's PID 1 as this machine numbers it: in a pid namespace one below ours (containers in the host are two below). */
export function firstProcess(cgroups: HostCgroups): number | undefined {
  return cgroups.processes().find(pid => {
    const ids = /^NSpid:\s+(.*)$/m.exec(readStatus(pid))?.[1]?.split(/\s+/) ?? []
    return ids.length === 2 && ids[1] === '1'
  })
}

/** Waits until the host's sshd greets. */
export async function untilGreeting(lab: LabState, host: string, deadline: number): Promise<void> {
  while (Date.now() < deadline) {
    if (await greets(hostAddress(lab.subnet, host))) return
    await sleep(100)
  }
  const console = readFileSync(join(hostFolder(lab, host), 'console.log'), 'utf8').split('\n').slice(-8).join('\n')
  throw new Error(`lab host ${host} did not boot in time; the end of its console:\n${console}`)
}

function greets(address: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host: address, port: 22 })
    const end = (result: boolean): void => {
      socket.destroy()
      resolve(result)
    }
    socket.setTimeout(1_000, () => end(false))
    socket.once('data', () => end(true))
    socket.once('error', () => end(false))
    socket.once('close', () => end(false))
  })
}

async function emptied(cgroups: HostCgroups, patience: number): Promise<boolean> {
  for (const end = Date.now() + patience; Date.now() < end; await sleep(30)) if (cgroups.processes().length === 0) return true
  return false
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has just ended by itself
  }
}

function readStatus(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return ''
  }
}
