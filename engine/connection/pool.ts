import { privateFolder, type PrivateFolder } from './private-folder.ts'
import { Shared } from './shared.ts'

/** What the connections of one run have in common. One for each run; whoever gives none gets one for a single connection. */
export interface Pool {
  /** For the sockets of the system's ssh. */
  readonly folder: Shared<PrivateFolder>
  /** A number that no other connection of this run has. */
  readonly next: () => number
}

/** @param places where folders for sockets may be made, most wanted first */
export function createPool(places?: readonly string[]): Pool {
  let last = 0
  return {
    folder: new Shared({ make: () => privateFolder(places), end: folder => folder.close() }),
    next: () => ++last,
  }
}
