import { randomBytes } from 'node:crypto'
import type { ConnectFailure } from '../model/session.ts'
import { becomeUser, type StageZero } from './become.ts'
import { Tail, type Channel, type Transport } from './channel.ts'
import { failure, isFailure, messageOf } from './failure.ts'
import { FramedShell, type Settings } from './framed-shell.ts'
import { ReplyReader } from './reply-reader.ts'
import { prologue, STAGE_ZERO } from './shell-loop.ts'
import type { ConnectOptions, Target } from './target.ts'

/** A shell that is ready for use. */
export async function openShell(...words: Parameters<typeof startShell>): Promise<FramedShell | ConnectFailure> {
  const shell = await startShell(...words)
  return isFailure(shell) ? shell : ((await shell.begun) ?? shell)
}

/**
 * Opens a channel, becomes `user` where one is given, and starts the loop, which begins a round trip later. Whether another user's shell is that user's at
 * all has to be known before anything is sent to it: where it could not say so at once, its loop is waited for.
 *
 * @param user a user other than the login user; `undefined` for the login user
 */
export async function startShell(transport: Transport, { target, user, options, claim }: Opening & Pick<Settings, 'claim'>): Promise<FramedShell | ConnectFailure> {
  const { interpreter = '/bin/sh', patience = 30, grace = 5, queryDeadline = 60_000 } = options
  const who = user ?? transport.user
  const opened = await openStageZero(transport, { target, user, options })
  if (isFailure(opened)) return opened
  const { channel, known } = opened
  const nonce = randomBytes(16).toString('hex')
  const reader = new ReplyReader(nonce)
  const errors = new Tail()
  // Never taken off: an unread stream would stop the channel.
  channel.errors.on('data', (chunk: Buffer) => errors.add(chunk))
  channel.input.write(prologue({ nonce, folder: randomBytes(8).toString('hex'), patience, grace, interpreter }))
  const { trace } = options
  const shell = new FramedShell({
    channel, reader, patience, queryDeadline, ...(claim && { claim }),
    label: `${who} on ${target.name}`,
    trace: frame => trace?.({ host: target.name, user: who, ...frame }),
    beginning: {
      within: target.connectTimeout,
      judge: capabilities => (user === undefined || capabilities.user === user ? undefined : failure('become', `asked for ${user} on ${target.name} and became ${capabilities.user}`, `Check the rules of ${target.becomeMethod ?? 'sudo'} on that host.`)),
      refusal: why => failure(user === undefined ? 'unreachable' : 'become', `no POSIX shell for ${who} on ${target.name}: ${[why, reader.noise.text, errors.text].filter(Boolean).join('; it said: ')}`, 'Check that the user has a login shell, and what its profile prints or runs.'),
    },
  })
  return known ? shell : ((await shell.begun) ?? shell)
}

interface Opening {
  readonly target: Target
  /** A user other than the login user; `undefined` for the login user. */
  readonly user: string | undefined
  readonly options: ConnectOptions
}

/** A channel with a shell of the user that reads one line and evaluates it. */
export async function openStageZero(transport: Transport, { target, user, options }: Opening): Promise<StageZero | ConnectFailure> {
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
  if (user === undefined) {
    const channel = await stageZero(false)
    return isFailure(channel) ? channel : { channel, known: true }
  }
  return becomeUser(stageZero, becomeMethod, { user, host: target.name, loginUser: transport.user, password, interpreter, timeout: target.connectTimeout })
}
