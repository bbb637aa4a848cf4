import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { labsFolder } from './cache.ts'
import { isSameProcess, Process } from './process.ts'

/** What is kept on disk about a lab, so that any other process can use it or take it down. */
export const LabState = z.object({
  name: z.string(),
  subnet: z.string(),
  prefix: z.string(),
  rootfs: z.string(),
  /** Sudo password of `ops`, made for this lab. The file is 0600. */
  password: z.string(),
  /** The process a lab lives and dies with; absent for a lab that stays until somebody says `down`. */
  owner: Process.optional(),
})
export type LabState = z.infer<typeof LabState>

/** Starts the name of everything that a lab makes on the machine; at most eleven characters, because a link's name has fifteen. */
export const prefixOf = (name: string): string => `tsp-${name}`

export const labFolder = (name: string): string => join(labsFolder, name)
export const hostFolder = (lab: LabState, host: string): string => join(labFolder(lab.name), 'hosts', host)

export async function readState(name: string): Promise<LabState | undefined> {
  const text = await readFile(join(labFolder(name), 'lab.json'), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : LabState.parse(JSON.parse(text))
}

/** Written under another name first: whoever opens a lab at the same time reads the states of all. */
export async function writeState(state: LabState): Promise<void> {
  await mkdir(labFolder(state.name), { recursive: true, mode: 0o700 })
  const file = join(labFolder(state.name), 'lab.json')
  const draft = `${file}.${randomBytes(4).toString('hex')}`
  await writeFile(draft, JSON.stringify(state, undefined, 2) + '\n', { mode: 0o600 })
  await rename(draft, file)
}

/** Every lab of this user, living or left behind. */
export async function allStates(): Promise<readonly LabState[]> {
  const entries = await readdir(labsFolder, { withFileTypes: true }).catch(() => [])
  const states = await Promise.all(entries.filter(entry => entry.isDirectory()).map(entry => readState(entry.name)))
  return states.filter(state => state !== undefined)
}

/** Hosts that were created in this lab, running or not. */
export async function hostsIn(lab: LabState): Promise<readonly string[]> {
  return (await readdir(join(labFolder(lab.name), 'hosts')).catch(() => [])).toSorted((a, b) => a.localeCompare(b))
}

/** Whether the lab's owner has ended without taking its lab down. */
export function isAbandoned(lab: LabState): boolean {
  return lab.owner !== undefined && !isSameProcess(lab.owner)
}
