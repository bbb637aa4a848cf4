import type { Duplex } from 'node:stream'
import type { ConnectFailure } from '../model/session.ts'
import type { Bastion, BastionWay } from './bastion.ts'
import { isFailure } from './failure.ts'
import { ssh2Connect } from './ssh2-connection.ts'
import type { Target } from './target.ts'

/** A bastion over ssh2: a line to a host behind it is a channel. */
export async function ssh2Bastion(hop: Target, way: BastionWay): Promise<Bastion | ConnectFailure> {
  const connection = await ssh2Connect(hop, way)
  if (isFailure(connection)) return connection
  const { client, closed } = connection
  let lost: string | undefined
  void closed.then(why => (lost = why))
  // sshd sends small packets at once only when it has had a session; without one each answer from behind it is 40 ms late.
  client.exec('true', (_error, stream) => {
    stream?.on('error', () => undefined)
    stream?.resume()
  })
  return {
    label: `${hop.name} (${hop.address}:${hop.port})`,
    door: way.door,
    forward: (address, port) => new Promise<Duplex>((resolve, reject) => {
      // Both would wait for ever on a connection that is gone.
      void closed.then(why => reject(new Error(why)))
      client.forwardOut('127.0.0.1', 0, address, port, (error, stream) => (error ? reject(error) : resolve(stream)))
    }),
    program: undefined,
    lost: () => lost,
    closed,
    close: connection.close,
  }
}
