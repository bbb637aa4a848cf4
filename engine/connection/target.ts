import type { BecomeMethodName } from '../model/host.ts'
import type { Secret } from '../model/secret.ts'
import type { Pool } from './pool.ts'
import type { SshConfigQuery } from './ssh-config.ts'

/** What stands between us and a host: other hosts, as `[user@]host[:port]` and the nearest first, or a program whose stdin and stdout are the line. */
export type Proxy = { readonly type: 'jump'; readonly hops: readonly string[] } | { readonly type: 'command'; readonly command: string }

/** How one host is reached. Everything is explicit: this layer reads no environment, and no configuration but what `sshConfig` names. */
export interface Target {
  /** Inventory name, for messages. */
  readonly name: string
  /** DNS name or IP address. */
  readonly address: string
  readonly port: number
  /** Login user. `local` connections run as the user of this process, whatever is said here. */
  readonly user: string
  readonly connection: 'auto' | 'ssh2' | 'openssh' | 'local'
  /** Path of an OpenSSH private key on the controller. */
  readonly privateKeyFile?: string
  /** Of the private key; without it an encrypted key is passed over (for the agent) or refused. */
  readonly passphrase?: Secret<string>
  /** Passphrases of any of the private keys, by file. */
  readonly passphrases?: ReadonlyMap<string, Secret<string>>
  /** Path of an ssh-agent's socket (what SSH_AUTH_SOCK holds). */
  readonly identityAgent?: string
  /** Login password; tried after the keys, once. */
  readonly password?: Secret<string>
  /** The program that makes another user of us; default sudo. */
  readonly becomeMethod?: BecomeMethodName
  /** What that program may ask for. Sent only when it asks, once. */
  readonly becomePassword?: Secret<string>
  /** known_hosts files in OpenSSH's format; `acceptNew` appends to the first. Missing files count as empty. */
  readonly knownHostsFiles: readonly string[]
  /** The only keys that the host may show, as `SHA256:…`, and where that is said. They win over known_hosts; a revoked key stays revoked. */
  readonly hostKeyPins?: { readonly fingerprints: readonly string[]; readonly place: string }
  /** True: an unknown host's key is recorded and trusted. A changed or revoked key is refused all the same. */
  readonly acceptNew: boolean
  /** Milliseconds for everything from the first packet to an authenticated connection, retries included; again for each shell. */
  readonly connectTimeout: number
  /** How the user's ssh_config is asked for the rest of this; absent: not at all. It is looked up under `address`. */
  readonly sshConfig?: SshConfigQuery
  /** What ssh_config knows the host as, where `address` is its HostName. */
  readonly sshName?: string
  /** Private keys that are offered after `privateKeyFile`; those that are missing, or closed without a passphrase, are passed over. */
  readonly identityFiles?: readonly string[]
  /** True: of an agent's keys only those of `privateKeyFile` and `identityFiles`. */
  readonly identitiesOnly?: boolean
  /** HashKnownHosts of ssh_config: a new host is recorded without its name being readable. */
  readonly hashKnownHosts?: boolean
  /** Whether `knownHostsFiles` were given, where ssh_config names others. */
  readonly knownHostsGiven?: boolean
  /** The name that known_hosts has the host under, without a port. */
  readonly hostKeyAlias?: string
  readonly proxy?: Proxy
  readonly addressFamily?: 4 | 6
  /** The address of ours to connect from. */
  readonly bindAddress?: string
  /** What may be agreed on in the handshake; an empty or absent list leaves all that the transport has. */
  readonly algorithms?: { readonly kex: readonly string[]; readonly cipher: readonly string[]; readonly mac: readonly string[]; readonly hostKey: readonly string[] }
}

/** What tests and `--verbose` may watch: one event for each frame that was answered, or lost. */
export interface FrameTrace {
  readonly host: string
  readonly user: string
  readonly sections: number
  readonly bytesSent: number
  readonly bytesReceived: number
  readonly milliseconds: number
  readonly reply: 'replied' | 'timed-out' | 'lost' | 'refused'
}

export interface ConnectOptions {
  /** Gives up connecting; a session already made is ended by `close`. */
  readonly signal?: AbortSignal
  /** What the connections of a run have in common; default: one for this connection alone. */
  readonly pool?: Pool
  readonly trace?: (frame: FrameTrace) => void
  /** Milliseconds a query (probes, facts) may take on the host; default 60 000. */
  readonly queryDeadline?: number
  /** Seconds without a heartbeat after which the host ends killable frames and, when idle, the shell; default 30. */
  readonly patience?: number
  /** Seconds from TERM to KILL for what is late or unwanted; default 5. */
  readonly grace?: number
  /** The host's POSIX shell; default `/bin/sh`, which sudoers rules know by this path. */
  readonly interpreter?: string
}
