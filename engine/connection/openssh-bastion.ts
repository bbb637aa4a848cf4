import { spawn } from 'node:child_process'
import type { ConnectFailure } from '../model/session.ts'
import type { Bastion, BastionWay } from './bastion.ts'
import { isFailure } from './failure.ts'
import { throughArguments } from './openssh-arguments.ts'
import { opensshConnect } from './openssh-connection.ts'
import { processLine } from './process-line.ts'
import type { Target } from './target.ts'

/** A bastion over the system's ssh: a line to a host behind it is another ssh. */
export async function opensshBastion(hop: Target, way: BastionWay): Promise<Bastion | ConnectFailure> {
  const connection = await opensshConnect(hop, way)
  if (isFailure(connection)) return connection
  const { socket, closed } = connection
  let lost: string | undefined
  void closed.then(why => (lost = why))
  return {
    label: `${hop.name} (${hop.address}:${hop.port})`,
    door: way.door,
    forward: async (address, port) => processLine(spawn('ssh', throughArguments(socket, `[${address}]:${port}`), { stdio: 'pipe', detached: true })).stream,
    program: ['ssh', ...throughArguments(socket, '[%h]:%p')],
    lost: () => lost,
    closed,
    close: connection.close,
  }
}
