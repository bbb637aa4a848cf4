import { randomBytes } from 'node:crypto'
import type { ConnectFailure } from '../model/session.ts'
import { becomeUser } from './become.ts'
import { Tail, type Channel, type Transport } from './channel.ts'
import { failure, isFailure, messageOf } from './failure.ts'
import { FramedShell, type Settings } from './framed-shell.ts'
import type { Reply } from './frame-codec.ts'
import { ReplyReader } from './reply-reader.ts'
import { prologue, STAGE_ZERO } from './shell-loop.ts'
import type { ConnectOptions, Target } from './target.ts'

/**
 * Opens a channel, becomes `user` where one is given, starts the loop and waits until it is ready.
 *
 * @param user a user other than the login user; `undefined` for the login user
 */
export async function openShell(transport: Transport, { target, user, options, claim }: Opening & Pick<Settings, 'claim'>): Promise<FramedShell | ConnectFailure> {
  const { interpreter = '/bin/sh', patience = 30, grace = 5, queryDeadline = 60_000 } = options
  const who = user ?? transport.user
  const channel = await openStageZero(transport, { target, user, options })
  if (isFailure(channel)) return channel
  const nonce = randomBytes(16).toString('hex')
  const reader = new ReplyReader(nonce)
  channel.input.write(prologue({ nonce, folder: randomBytes(8).toString('hex'), patience, grace, interpreter }))
  const first = await firstReply(channel, reader, target.connectTimeout)
  if (first.type !== 'ready') {
    channel.destroy()
    return failure(user === undefined ? 'unreachable' : 'become', `no POSIX shell for ${who} on ${target.name}: ${first.reason}`, 'Check that the user has a login shell, and what its profile prints or runs.')
  }
  const { capabilities } = first
  if (user !== undefined && capabilities.user !== user) {
    channel.destroy()
    return failure('become', `asked for ${user} on ${target.name} and became ${capabilities.user}`, `Check the rules of ${target.becomeMethod ?? 'sudo'} on that host.`)
  }
  const { trace } = options
  return new FramedShell({
    channel, reader, capabilities, patience, queryDeadline, ...(claim && { claim }),
    label: `${who} on ${target.name}`,
    trace: frame => trace?.({ host: target.name, user: who, ...frame }),
  })
}

interface Opening {
  readonly target: Target
  /** A user other than the login user; `undefined` for the login user. */
  readonly user: string | undefined
  readonly options: ConnectOptions
}

/** A channel with a shell of the user that reads one line and evaluates it. */
export async function openStageZero(transport: Transport, { target, user, options }: Opening): Promise<Channel | ConnectFailure> {
  const { interpreter = '/bin/sh' } = options
  const stageZero = async (terminal: boolean): Promise<Channel | ConnectFailure> => {
    try {
      // One word of quotes and nothing else: fish and csh as login shells read it as sh does.
      return await transport.open(`exec ${interpreter} -c '${STAGE_ZERO}'`, terminal)
    } catch (thrown) {
      const what = terminal ? { is: 'terminal, which becoming another user needs there', see: 'PermitTTY' } : { is: 'channel for a shell', see: 'MaxSessions' }
      return failure('unreachable', `${target.name} gave no ${what.is}: ${messageOf(thrown)}`, `Check ${what.see} in its sshd_config and that the connection is alive.`)
    }
  }
  const { becomeMethod = 'sudo', becomePassword: password } = target
  return user === undefined ? stageZero(false) : becomeUser(stageZero, becomeMethod, { user, host: target.name, loginUser: transport.user, password, interpreter, timeout: target.connectTimeout })
}

/** Waits for the loop's first word, skipping whatever a login shell says before. */
async function firstReply(channel: Channel, reader: ReplyReader, timeout: number): Promise<Extract<Reply, { type: 'ready' }> | { type: 'failed'; reason: string }> {
  const { promise, resolve } = Promise.withResolvers<Reply>()
  const errors = new Tail()
  const fail = (how: string): void => resolve({ type: 'failed', reason: [how, reader.noise.text, errors.text].filter(Boolean).join('; it said: ') })
  const onOutput = (chunk: Buffer): void => reader.push(chunk).forEach(resolve)
  const onErrors = (chunk: Buffer): void => errors.add(chunk)
  channel.output.on('data', onOutput)
  // Never taken off: an unread stream would stop the channel.
  channel.errors.on('data', onErrors)
  const timer = setTimeout(() => fail(`nothing for ${timeout / 1000} s`), timeout)
  void channel.closed.then(how => fail(how))
  const first = await promise
  clearTimeout(timer)
  channel.output.off('data', onOutput)
  return first.type === 'ready' || first.type === 'failed' ? first : { type: 'failed', reason: 'an answer before it was ready' }
}
