import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where the lab keeps what is dear to make (rootfs, packages, binaries) and the state of every lab: the user's cache folder. */
export const cacheFolder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'ts-play')

/** One folder per lab: its state, keys and hosts. Another process finds a lab by its name here, nowhere else. */
export const labsFolder = join(cacheFolder, 'lab')

/** What labs of every user and checkout on this machine must agree on. It goes at a reboot, as what it describes does. */
export const machineFolder = '/run/ts-play-lab'
