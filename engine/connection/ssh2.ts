import { connect as dial, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'ssh2'
import type { ConnectFailure } from '../model/session.ts'
import type { Transport } from './channel.ts'
import { failure, isFailure, messageOf } from './failure.ts'
import { hostKeyAlgorithms } from './host-key.ts'
import { hostKeyCheck } from './host-key-check.ts'
import { KEEPALIVE, watchLife } from './liveness.ts'
import { readKnownHosts, type KnownHost } from './known-hosts.ts'
import { retrying, type Attempt } from './retry.ts'
import { credentials, type Credentials } from './ssh-auth.ts'
import { ssh2Channel } from './ssh2-channel.ts'
import { dialFailure, handshakeFailure } from './ssh-failure.ts'
import type { Target } from './target.ts'

/** Group exchange is left out: its prime check blocks the event loop for seconds. */
const KEX = ['curve25519-sha256', 'curve25519-sha256@libssh.org', 'ecdh-sha2-nistp256', 'ecdh-sha2-nistp384', 'ecdh-sha2-nistp521', 'diffie-hellman-group14-sha256', 'diffie-hellman-group16-sha512', 'diffie-hellman-group18-sha512'] as const
const CIPHERS = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'chacha20-poly1305@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr'] as const

/** Connects by ssh2, with retries inside `connectTimeout` for what passes by itself (a host that boots, a full sshd). */
export async function ssh2Transport(target: Target, signal?: AbortSignal): Promise<Transport | ConnectFailure> {
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
  const hostKey = hostKeyCheck(known, where, target.acceptNew)
  let lastError = 'the connection was closed'
  const socket = dial({ host: target.address, port: target.port, noDelay: true })
  const { promise: closed, resolve: close } = Promise.withResolvers<string>()
  socket.once('error', error => resolve(dialFailure(error)))
  const problems: string[] = []
  client.on('error', error => {
    lastError = messageOf(error)
    // An agent that does not answer leaves the other ways to log in.
    if (error.level === 'agent') problems.push(`the agent at ${target.identityAgent}: ${error.message}`)
    else resolve(hostKey.refused ? { type: 'done', result: hostKey.refused } : handshakeFailure(error, target, [...login.tried, ...problems]))
  })
  client.on('close', () => {
    close(lastError)
    resolve({ type: 'again', why: lastError })
  })
  client.on('ready', () => {
    const stop = watchLife(socket, why => {
      lastError = why
      socket.destroy()
    })
    void closed.then(stop)
    resolve({ type: 'done', result: transport(client, socket, { target, closed }) })
  })
  const interrupt = (): void => resolve({ type: 'again', why: 'interrupted' })
  signal?.addEventListener('abort', interrupt, { once: true })
  const timer = setTimeout(() => resolve({ type: 'again', why: socket.connecting ? 'no answer to the connection request' : 'no answer in the ssh handshake' }), remaining)
  socket.once('connect', () => {
    client.connect({
      sock: socket, username: target.user, authHandler: login.handler, hostVerifier: hostKey.verify, readyTimeout: remaining, keepaliveInterval: KEEPALIVE, keepaliveCountMax: Number.MAX_SAFE_INTEGER,
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

function transport(client: Client, socket: Socket, { target, closed }: { target: Target; closed: Promise<string> }): Transport {
  return {
    user: target.user,
    open: async (command, terminal) => {
      // sshd frees the slot of a channel later than we see it close.
      for (let tries = 1; ; tries++) {
        try {
          return await ssh2Channel(client, { command, terminal: terminal === true, connectionClosed: closed })
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
