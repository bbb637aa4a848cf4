import type { Client, ClientChannel } from 'ssh2'
import type { Channel } from './channel.ts'

interface Opening {
  readonly command: string
  readonly terminal: boolean
  /** Settles with why when the whole connection is gone. */
  readonly connectionClosed: Promise<string>
}

/** A channel of an authenticated connection that runs a command. @throws Error when it is refused. */
export function ssh2Channel(client: Client, { command, terminal, connectionClosed }: Opening): Promise<Channel> {
  return new Promise((resolve, reject) => {
    // Listened to at once: how a short-lived program ended may be in the same packet as the answer to this.
    client.exec(command, { pty: terminal }, (error, opened) => (error ? reject(error) : resolve(channelOf(opened, connectionClosed))))
  })
}

function channelOf(stream: ClientChannel, connectionClosed: Promise<string>): Channel {
  const { promise, resolve } = Promise.withResolvers<string>()
  let how: string | undefined
  stream.on('exit', (code: number | null, signal?: string) => {
    how = signal === undefined || code !== null ? `exit status ${code}` : `ended by ${signal}`
  })
  // No `exit` before `close` is a lost connection as a rule, and that has its own words, a moment later.
  stream.on('close', () => (how === undefined ? setTimeout(() => resolve('the channel was closed'), 500) : resolve(how)))
  void connectionClosed.then(resolve)
  for (const end of [stream, stream.stderr]) end.on('error', () => undefined)
  return { input: stream, output: stream, errors: stream.stderr, closed: promise, destroy: () => stream.destroy() }
}
