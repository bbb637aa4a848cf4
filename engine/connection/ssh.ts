import { connect as dial, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client, ClientChannel } from 'ssh2'
import type { ConnectFailure } from '../model/session.ts'
import type { Channel, Transport } from './channel.ts'
import { failure, isFailure, messageOf } from './failure.ts'
import { hostKeyAlgorithms, judgeHostKey, unknownHost } from './host-key.ts'
import { appendKnownHost, knownName, readKnownHosts, type KnownHost } from './known-hosts.ts'
import { retrying, type Attempt } from './retry.ts'
import { credentials, type Credentials } from './ssh-auth.ts'
import type { Target } from './target.ts'

/** Group exchange is left out: its prime check blocks the event loop for seconds. */
const KEX = ['curve25519-sha256', 'curve25519-sha256@libssh.org', 'ecdh-sha2-nistp256', 'ecdh-sha2-nistp384', 'ecdh-sha2-nistp521', 'diffie-hellman-group14-sha256', 'diffie-hellman-group16-sha512', 'diffie-hellman-group18-sha512'] as const
const CIPHERS = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'chacha20-poly1305@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr'] as const

/** Connects by ssh2, with retries inside `connectTimeout` for what passes by itself (a host that boots, a full sshd). */
export async function sshTransport(target: Target, signal?: AbortSignal): Promise<Transport | ConnectFailure> {
  const { default: ssh2 } = await import('ssh2')
  const { Client, utils } = ssh2
  let known: KnownHost[]
  try {
    known = await readKnownHosts(target.knownHostsFiles)
  } catch (thrown) {
    return failure('host-key', `known_hosts cannot be read: ${messageOf(thrown)}`, 'Correct the file or its permissions.')
  }
  const offer = (data: Buffer, passphrase?: string) => utils.parseKey(data, passphrase)
  return retrying<Transport>({ timeout: target.connectTimeout, ...(signal && { signal }), attempt: async remaining => {
    const login = await credentials(target, offer)
    if (isFailure(login)) return { type: 'done', result: login }
    return attempt(new Client(), { target, known, login, remaining, signal })
  }, giveUp: why => failure('unreachable', `${target.name} (${target.address}:${target.port}) cannot be reached: ${why}`, 'Check the address, that the host is up, and that no firewall is in between.') })
}

interface Try {
  readonly target: Target
  readonly known: readonly KnownHost[]
  readonly login: Credentials
  /** Milliseconds. */
  readonly remaining: number
  readonly signal: AbortSignal | undefined
}

/** One try: dial, handshake, host key, log in. */
async function attempt(client: Client, { target, known, login, remaining, signal }: Try): Promise<Attempt<Transport>> {
  const where = { label: `${target.name} (${target.address}:${target.port})`, address: target.address, port: target.port, files: target.knownHostsFiles }
  const { promise, resolve } = Promise.withResolvers<Attempt<Transport>>()
  let refused: ConnectFailure | undefined
  let lastError = 'the connection was closed'
  const socket = dial({ host: target.address, port: target.port, noDelay: true })
  const { promise: closed, resolve: close } = Promise.withResolvers<string>()
  socket.once('error', error => resolve(dialFailure(error)))
  const problems: string[] = []
  client.on('error', error => {
    lastError = messageOf(error)
    // An agent that does not answer leaves the other ways to log in.
    if (error.level === 'agent') problems.push(`the agent at ${target.identityAgent}: ${error.message}`)
    else resolve(refused ? { type: 'done', result: refused } : handshakeFailure(error, target, [...login.tried, ...problems]))
  })
  client.on('close', () => {
    close(lastError)
    resolve({ type: 'again', why: lastError })
  })
  client.on('ready', () => resolve({ type: 'done', result: transport(client, socket, { target, closed }) }))
  const verify = (key: Buffer, answer: (trusted: boolean) => void): void => {
    const verdict = judgeHostKey(known, where, key)
    const file = target.knownHostsFiles[0]
    if (verdict.type === 'trusted') return answer(true)
    if (verdict.type === 'refused') refused = verdict.failure
    else if (target.acceptNew && file !== undefined) {
      void appendKnownHost(file, knownName(target.address, target.port), key).then(
        () => answer(true),
        (thrown: unknown) => {
          refused = failure('host-key', `the new key of ${where.label} cannot be recorded: ${messageOf(thrown)}`, `Make ${file} writable.`)
          answer(false)
        },
      )
      return
    } else refused = unknownHost(where, key)
    answer(false)
  }
  const interrupt = (): void => resolve({ type: 'again', why: 'interrupted' })
  signal?.addEventListener('abort', interrupt, { once: true })
  const timer = setTimeout(() => resolve({ type: 'again', why: socket.connecting ? 'no answer to the connection request' : 'no answer in the ssh handshake' }), remaining)
  socket.once('connect', () => {
    client.connect({
      sock: socket, username: target.user, authHandler: login.handler, hostVerifier: verify, readyTimeout: remaining, keepaliveInterval: 15_000, keepaliveCountMax: 3,
      algorithms: { kex: [...KEX], cipher: [...CIPHERS], serverHostKey: hostKeyAlgorithms(known, where) },
    })
  })
  const outcome = await promise
  clearTimeout(timer)
  signal?.removeEventListener('abort', interrupt)
  if (outcome.type === 'again' || isFailure(outcome.result)) {
    client.destroy()
    socket.destroy()
  }
  return outcome
}

function dialFailure(error: Error): Attempt<Transport> {
  const code = 'code' in error ? error.code : ''
  // A name that does not exist will not come into being; everything else may be a host that boots.
  if (code === 'ENOTFOUND') return { type: 'done', result: failure('unreachable', `there is no address for this name: ${messageOf(error)}`, 'Correct the address in the inventory, or the DNS.') }
  return { type: 'again', why: messageOf(error) }
}

function handshakeFailure(error: Error & { level?: string }, target: Target, tried: readonly string[]): Attempt<Transport> {
  const done = (reason: ConnectFailure['reason'], message: string, remedy: string): Attempt<Transport> => ({ type: 'done', result: failure(reason, message, remedy) })
  if (error.level === 'client-authentication') return done('authentication', `${target.name} did not accept ${target.user} with ${tried.join(', ')}`, 'Check the user name and that its authorized_keys has the key.')
  // Never again by itself: each try counts for sshd and faillock.
  if (/too many authentication/i.test(error.message)) return done('authentication', `${target.name} ended the login of ${target.user} after too many keys (${tried.join(', ')})`, 'Name the right private key instead of offering a whole agent.')
  if (/no matching/.test(error.message)) return done('unreachable', `${target.name} and this transport have no algorithm in common: ${error.message}`, "Allow curve25519-sha256, an AES-GCM cipher and a plain ed25519, ECDSA or RSA host key in the host's sshd_config.")
  return { type: 'again', why: messageOf(error) }
}

function transport(client: Client, socket: Socket, { target, closed }: { target: Target; closed: Promise<string> }): Transport {
  return {
    user: target.user,
    open: async command => {
      // sshd frees the slot of a channel later than we see it close.
      for (let tries = 1; ; tries++) {
        try {
          return channelOf(await exec(client, command), closed)
        } catch (thrown) {
          if (tries === 3 || !/open fail/i.test(messageOf(thrown))) throw thrown
          await sleep(200 * tries)
        }
      }
    },
    close: async () => {
      client.end()
      const timer = setTimeout(() => socket.destroy(), 2000)
      await closed
      clearTimeout(timer)
    },
  }
}

function exec(client: Client, command: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, opened) => (error ? reject(error) : resolve(opened)))
  })
}

function channelOf(stream: ClientChannel, connectionClosed: Promise<string>): Channel {
  const { promise, resolve } = Promise.withResolvers<string>()
  let how: string | undefined
  stream.on('exit', (code: number | null, signal?: string) => {
    how = signal === undefined || code !== null ? `exit status ${code}` : `ended by ${signal}`
  })
  // No `exit` before `close` is a lost connection; it has its own words.
  stream.on('close', () => void (how === undefined ? connectionClosed.then(resolve) : resolve(how)))
  void connectionClosed.then(resolve)
  for (const end of [stream, stream.stderr]) end.on('error', () => undefined)
  return { input: stream, output: stream, errors: stream.stderr, closed: promise, destroy: () => stream.destroy() }
}
