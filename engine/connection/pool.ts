import { setTimeout as sleep } from 'node:timers/promises'
import PQueue from 'p-queue'
import type { ConnectFailure } from '../model/session.ts'
import type { Bastion } from './bastion.ts'
import type { KeyFile } from './key-file.ts'
import { privateFolder, type PrivateFolder } from './private-folder.ts'
import { Shared } from './shared.ts'
import type { SshConfigReply } from './ssh-config.ts'

/** Handshakes at once with one address, or through one bastion: sshd turns a part of them away from its tenth on (MaxStartups). */
const HANDSHAKES = 8
/** Milliseconds that the place of a handshake stays taken after its end. */
const LINGER = 100

/** What the connections of one run have in common. One for each run; whoever gives none gets one for a single connection. */
export interface Pool {
  /** For the sockets of the system's ssh. */
  readonly folder: Shared<PrivateFolder>
  /** A number that no other connection of this run has. */
  readonly next: () => number
  /** Runs a handshake when few enough others with the same door are under way. */
  readonly turn: <R>(door: string, handshake: () => Promise<R>) => Promise<R>
  /** Connections to bastions, by what makes them the same. */
  readonly bastions: Map<string, Shared<Bastion | ConnectFailure>>
  /** What ssh_config said, by question. */
  readonly configs: Map<string, Promise<SshConfigReply>>
  readonly keyFiles: Map<string, Promise<KeyFile>>
  /** Types of the keys that an agent holds, by its socket. */
  readonly agents: Map<string, Promise<readonly string[]>>
  /** Says something that the user should know; each message once a run. */
  readonly warn: (host: string, message: string) => void
}

interface Given {
  /** Where folders for sockets may be made, most wanted first. */
  readonly places?: readonly string[]
  readonly warn?: (host: string, message: string) => void
}

export function createPool({ places, warn = () => undefined }: Given = {}): Pool {
  const said = new Set<string>()
  let last = 0
  const doors = new Map<string, PQueue>()
  return {
    folder: new Shared({ make: () => privateFolder(places), end: folder => folder.close() }),
    next: () => ++last,
    turn: (door, handshake) => {
      const queue = doors.get(door) ?? new PQueue({ concurrency: HANDSHAKES })
      doors.set(door, queue)
      return new Promise((resolve, reject) => {
        // sshd counts a login until its own processes have heard of its end, which on a busy machine is later than we have.
        void queue.add(() => handshake().then(resolve, reject).then(() => sleep(LINGER, undefined, { ref: false })))
      })
    },
    bastions: new Map(),
    configs: new Map(),
    keyFiles: new Map(),
    agents: new Map(),
    warn: (host, message) => {
      if (said.has(message)) return
      said.add(message)
      warn(host, message)
    },
  }
}
