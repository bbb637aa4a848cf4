import type { Mint } from '../model/role.ts'
import type { Command } from '../model/command.ts'
import type { Payload } from '../model/session.ts'
import { secretsIn } from '../model/secret.ts'
import { UnknownValue } from './known.ts'
import { lastLine } from './look.ts'
import { frameFor, type Scope } from './scope.ts'

/** A command of an output exited non-zero, or could not be run. */
export class OutputFailure extends Error {
  override readonly name = 'OutputFailure'
}

/** Milliseconds that making an output may take. */
const DEADLINE = 120_000

/**
 * What `produce` may do on its host. In check mode, a host with a pending change answers nothing: `pending` says which.
 * Roles that give read outputs see only `query` of it, by type.
 */
export function onHost(scope: Scope, pending: string | undefined): Mint {
  const run = async (command: Command, stdin: Payload | undefined, changes: boolean): Promise<string> => {
    if (pending !== undefined) throw new UnknownValue(pending)
    scope.context.redact(secretsIn(stdin))
    const section = { script: command.text, ...(stdin === undefined ? {} : { stdin }) }
    const reply = changes
      ? await scope.hosts.exclusively(scope.place.host, () => scope.hosts.apply(frameFor(scope, 'output'), scope.place, { sections: [section], deadline: DEADLINE }))
      : await scope.hosts.query(frameFor(scope, 'output'), scope.place, [section])
    if (reply.type === 'failure') throw new OutputFailure(reply.failure.message)
    const result = reply.results[0]
    if (result?.status !== 0) throw new OutputFailure(`${command.text.trim().split('\n')[0] ?? ''} exited ${result?.status ?? 'without a status'}: ${lastLine(result?.stderr ?? '')}`)
    return result.stdout
  }
  return {
    query: command => run(command, undefined, false),
    run: (command, stdin) => run(command, stdin, true),
  }
}
