import type { Duplex } from 'node:stream'
import { userInfo } from 'node:os'
import type { ConnectFailure } from '../model/session.ts'
import { chooseTransport } from './choose-transport.ts'
import { effectiveTarget } from './effective-target.ts'
import { failure, isFailure } from './failure.ts'
import { badHostName, badUserName } from './names.ts'
import type { Pool } from './pool.ts'
import { Shared, type Lease } from './shared.ts'
import type { Target } from './target.ts'

/** A host that others are behind: one connection for all of them. */
export interface Bastion {
  /** For messages. */
  readonly label: string
  /** What makes it the same as another one: handshakes through it take turns under this name. */
  readonly door: string
  /** A line to a host behind it. @throws Error in the bastion's words. */
  forward(address: string, port: number): Promise<Duplex>
  /** The same as a program, for an ssh of the system's: its arguments, the host and port to be filled in by that. `undefined` over ssh2. */
  readonly program: readonly string[] | undefined
  /** Why it is of no use any more; `undefined` while it is. */
  readonly lost: () => string | undefined
  readonly closed: Promise<string>
  readonly close: () => Promise<void>
}

/** How a bastion is connected to. */
export interface BastionWay {
  readonly pool: Pool
  readonly door: string
  /** Doors of bastions on the way already. */
  readonly before: readonly string[]
  readonly signal?: AbortSignal
}

interface Way {
  readonly pool: Pool
  readonly signal?: AbortSignal
  /** Who asks: an ssh of the system's can go through one of its own kind only. */
  readonly kind: 'any' | 'openssh'
  /** Doors on the way already, for a way that leads back to itself. */
  readonly before?: readonly string[]
}

/** Hops that a way may have. More of them is a ProxyJump that leads to itself. */
const LONGEST = 8

/** The last hop before a host, connected over those before it. Its host key is checked, and its user and keys are its own, as its ssh_config says. */
export async function leaseBastion(target: Target, { pool, signal, kind, before = [] }: Way): Promise<Lease<Bastion> | ConnectFailure> {
  const hops = target.proxy?.type === 'jump' ? target.proxy.hops : []
  const name = hops.at(-1) ?? ''
  const given = hopTarget(name, hops.slice(0, -1), target)
  if (isFailure(given)) return given
  const effective = await effectiveTarget(given, pool)
  if (isFailure(effective)) return behind(target, name, effective)
  const hop = effective.target
  const choice = kind === 'openssh' ? { transport: 'openssh' as const } : await chooseTransport(effective, pool)
  const door = JSON.stringify([choice.transport, hop.user, hop.address, hop.port, hop.hostKeyAlias, hop.proxy])
  if (before.includes(door) || before.length >= LONGEST) return failure('unreachable', `the way to ${target.name} leads over ${name}, and from there back to ${name}`, 'Correct ProxyJump in ssh_config: a bastion that is meant by a pattern too needs `ProxyJump none` of its own.')
  const shared = pool.bastions.get(door) ?? new Shared<Bastion | ConnectFailure>({
    make: async () => {
      const way = { pool, door, before: [...before, door], ...(signal && { signal }) }
      if (choice.transport === 'openssh') return (await import('./openssh-bastion.ts')).opensshBastion(hop, way)
      return (await import('./ssh2-bastion.ts')).ssh2Bastion(hop, way)
    },
    end: async bastion => {
      if (!isFailure(bastion)) await bastion.close()
    },
    usable: bastion => (isFailure(bastion) ? refusedForGood(bastion) : bastion.lost() === undefined),
    keep: bastion => isFailure(bastion) && refusedForGood(bastion),
  })
  pool.bastions.set(door, shared)
  const lease = await shared.lease()
  const { thing } = lease
  if (!isFailure(thing)) return { thing, release: lease.release }
  await lease.release()
  return behind(target, name, thing)
}

/** A login that was refused is not tried again for each host behind it. */
function refusedForGood({ reason }: ConnectFailure): boolean {
  return reason !== 'unreachable'
}

function behind(target: Target, name: string, { reason, message, remedy }: ConnectFailure): ConnectFailure {
  return failure(reason, `${target.name} is behind ${name}, and ${message}`, remedy)
}

/** `[user@]host[:port]` or `ssh://…` as a target; `rest` are the hops before it. */
function hopTarget(hop: string, rest: readonly string[], target: Target): Target | ConnectFailure {
  const parts = /^(?:ssh:\/\/)?(?:([^@]+)@)?(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?\/?$/.exec(hop)
  const [, user, bracketed, plain, port] = parts ?? []
  const address = bracketed ?? plain ?? ''
  const wrong = badHostName(address) ?? (user === undefined ? undefined : badUserName(user))
  if (wrong !== undefined) return failure('unreachable', `${JSON.stringify(hop)} cannot be a bastion of ${target.name}: ${wrong}`, 'Correct ProxyJump: [user@]host[:port].')
  const { sshConfig } = target
  const said = [...(port === undefined ? [] : [`Port=${port}`]), ...(user === undefined ? [] : [`User=${user}`]), ...(rest.length === 0 ? [] : [`ProxyJump=${rest.join(',')}`])]
  return {
    name: hop, address, port: Number(port ?? 22), user: user ?? userInfo().username,
    connection: target.connection === 'local' ? 'auto' : target.connection,
    knownHostsFiles: sshConfig ? (sshConfig.runKnownHosts ?? []) : target.knownHostsFiles,
    acceptNew: target.acceptNew, connectTimeout: target.connectTimeout,
    ...(target.identityAgent === undefined ? {} : { identityAgent: target.identityAgent }),
    ...(target.passphrases === undefined ? {} : { passphrases: target.passphrases }),
    // Without an ssh_config nothing says otherwise, so what is true of the host is true of its bastion.
    ...(sshConfig ? { sshConfig: { ...sshConfig, options: said } } : { ...(target.privateKeyFile === undefined ? {} : { privateKeyFile: target.privateKeyFile }), ...(rest.length === 0 ? {} : { proxy: { type: 'jump', hops: rest } as const }) }),
  }
}
