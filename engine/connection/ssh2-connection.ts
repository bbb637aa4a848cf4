import type { Algorithms, Client } from 'ssh2'
import type { ConnectFailure } from '../model/session.ts'
import { leaseBastion, type Bastion } from './bastion.ts'
import { easeCiphers } from './ease-ciphers.ts'
import { failure, isFailure, messageOf } from './failure.ts'
import { hostKeyCheck } from './host-key-check.ts'
import { readKnownHosts, type KnownHost } from './known-hosts.ts'
import { openLine, type Line } from './line.ts'
import { KEEPALIVE, watchLife } from './liveness.ts'
import { loginAhead } from './login-ahead.ts'
import type { Pool } from './pool.ts'
import { retrying, type Attempt } from './retry.ts'
import { signAtOnce } from './sign-at-once.ts'
import { algorithms } from './ssh2-algorithms.ts'
import { ssh2Goodbye } from './ssh2-goodbye.ts'
import { ssh2 } from './ssh2-library.ts'
import { credentials, type Credentials } from './ssh-auth.ts'
import { dialFailure, handshakeFailure } from './ssh-failure.ts'
import type { Target } from './target.ts'

/** An authenticated connection of ssh2's. */
export interface Ssh2Connection {
  readonly client: Client
  /** Settles with why when it is gone. */
  readonly closed: Promise<string>
  readonly close: () => Promise<void>
}

interface Way {
  readonly pool: Pool
  readonly signal?: AbortSignal
  /** Doors of bastions on the way already. */
  readonly before?: readonly string[]
}

/** Connects, with retries inside `connectTimeout` for what passes by itself (a host that boots, a full sshd). */
export async function ssh2Connect(target: Target, { pool, signal, before = [] }: Way): Promise<Ssh2Connection | ConnectFailure> {
  const { Client } = await ssh2()
  let known: KnownHost[]
  try {
    known = await readKnownHosts(target.knownHostsFiles)
  } catch (thrown) {
    return failure('host-key', `known_hosts cannot be read: ${messageOf(thrown)}`, 'Correct the file or its permissions.')
  }
  const lease = target.proxy?.type === 'jump' ? await leaseBastion(target, { pool, kind: 'any', before, ...(signal && { signal }) }) : undefined
  if (lease && isFailure(lease)) return lease
  const made = await retrying<Ssh2Connection>({
    timeout: target.connectTimeout, ...(signal && { signal }),
    turn: run => pool.turn(doorOf(target, lease?.thing), run),
    attempt: async remaining => {
      const login = await credentials(target)
      if (isFailure(login)) return { type: 'done', result: login }
      return attempt(new Client(), { target, known, login, remaining, signal, bastion: lease?.thing })
    },
    giveUp: why => failure('unreachable', `${target.name} (${target.address}:${target.port}) cannot be reached: ${why}`, 'Check the address, that the host is up, and that no firewall is in between.'),
  })
  if (isFailure(made)) {
    await lease?.release()
    return made
  }
  if (lease) void made.closed.then(lease.release)
  return made
}

/** Who share a door take turns with their handshakes. */
export function doorOf({ proxy, address, port }: Target, bastion: Bastion | undefined): string {
  return bastion?.door ?? (proxy?.type === 'command' ? proxy.command : `${address.toLowerCase()}:${port}`)
}

interface Try {
  readonly target: Target
  readonly known: readonly KnownHost[]
  readonly login: Credentials
  /** Milliseconds. */
  readonly remaining: number
  readonly signal: AbortSignal | undefined
  readonly bastion: Bastion | undefined
}

/** One try: dial, handshake, host key, log in. */
async function attempt(client: Client, { target, known, login, remaining, signal, bastion }: Try): Promise<Attempt<Ssh2Connection>> {
  const { hostKeyAlias } = target
  const where = { label: `${target.name} (${target.address}:${target.port})`, address: hostKeyAlias ?? target.address, port: hostKeyAlias === undefined ? target.port : 22, files: target.knownHostsFiles, hashed: target.hashKnownHosts ?? false, pins: target.hostKeyPins }
  const agreed = algorithms(target, known, where)
  if ('missing' in agreed) return { type: 'done', result: failure('unreachable', `ssh_config leaves no ${agreed.missing} for ${target.name} that ssh2 has`, 'Use the system’s ssh: --transport openssh.') }
  let line: Line
  try {
    line = await openLine(target, bastion)
  } catch (thrown) {
    return { type: 'again', why: `${bastion?.lost() === undefined ? `${bastion?.label} says: ` : `${bastion.label} was lost: `}${messageOf(thrown)}` }
  }
  const { stream, through } = line
  const { promise, resolve } = Promise.withResolvers<Attempt<Ssh2Connection>>()
  const again = (why: string): void => resolve({ type: 'again', why: why + through() })
  const hostKey = hostKeyCheck(known, where, target.acceptNew)
  let lastError = 'the connection was closed'
  const { promise: closed, resolve: close } = Promise.withResolvers<string>()
  stream.once('error', error => {
    const meant = dialFailure(error)
    if (meant.type === 'again') again(meant.why)
    else resolve(meant)
  })
  const problems: string[] = []
  client.on('error', error => {
    lastError = messageOf(error)
    // An agent that does not answer leaves the other ways to log in.
    if (error.level === 'agent') problems.push(`the agent at ${target.identityAgent}: ${error.message}`)
    else {
      const meant: Attempt<never> = hostKey.refused ? { type: 'done', result: hostKey.refused } : handshakeFailure(error, target, [...login.tried, ...problems])
      if (meant.type === 'again') again(meant.why)
      else resolve(meant)
    }
  })
  client.on('close', () => {
    // A lost bastion is heard of a moment later than the line through it.
    const told = setTimeout(() => close(lastError + through()), bastion ? 300 : 0)
    void bastion?.closed.then(why => {
      clearTimeout(told)
      close(`${bastion.label} was lost: ${why}`)
    })
    again(lastError)
  })
  client.on('handshake', () => easeCiphers(client))
  client.on('ready', () => {
    const stop = watchLife(stream, why => {
      lastError = why
      stream.destroy()
    })
    void closed.then(stop)
    resolve({ type: 'done', result: { client, closed, close: () => ssh2Goodbye(client, stream, closed) } })
  })
  const interrupt = (): void => again('interrupted')
  signal?.addEventListener('abort', interrupt, { once: true })
  let connecting = true
  const timer = setTimeout(() => again(connecting ? 'no answer to the connection request' : 'no answer in the ssh handshake'), remaining)
  line.open.then(() => {
    connecting = false
    client.connect({
      sock: stream, username: target.user, authHandler: login.handler, hostVerifier: hostKey.verify, readyTimeout: remaining, keepaliveInterval: KEEPALIVE, keepaliveCountMax: Number.MAX_SAFE_INTEGER,
      algorithms: agreed satisfies Algorithms,
    })
    loginAhead(client)
    signAtOnce(client)
  }, () => undefined)
  const outcome = await promise
  clearTimeout(timer)
  signal?.removeEventListener('abort', interrupt)
  if (outcome.type === 'again' || isFailure(outcome.result)) {
    client.destroy()
    stream.destroy()
  }
  return outcome
}
