import { expect } from 'vitest'
import { isFailure } from '../../engine/connection/failure.ts'
import type { FramedShell } from '../../engine/connection/framed-shell.ts'
import { localTransport } from '../../engine/connection/local.ts'
import { openShell } from '../../engine/connection/open-shell.ts'
import type { ConnectOptions, Target } from '../../engine/connection/target.ts'
import type { FrameReply, Section, SectionResult } from '../../engine/model/session.ts'

/** A target for this machine; what differs is said. */
export function target(changes: Partial<Target> = {}): Target {
  return { name: 'here', address: '127.0.0.1', port: 22, user: 'root', connection: 'local', knownHostsFiles: [], acceptNew: false, connectTimeout: 10_000, ...changes }
}

/** A signal that nobody aborts. */
export const calm = new AbortController().signal

/** A framed shell on this machine: `await using` closes it. */
export async function shellHere(options: ConnectOptions & { environment?: Record<string, string> } = {}): Promise<FramedShell> {
  const { environment, ...rest } = options
  const shell = await openShell(localTransport(environment), { target: target(), user: undefined, options: rest })
  if (isFailure(shell)) throw new Error(`${shell.message}; ${shell.remedy}`)
  return shell
}

/** The results of a reply that has to be there. */
export function results(reply: FrameReply): readonly SectionResult[] {
  expect(reply).toMatchObject({ type: 'replied' })
  return reply.type === 'replied' ? reply.results : []
}

/** stdout of one script. */
export async function output(shell: FramedShell, script: string, more: Omit<Section, 'script'> = {}): Promise<string> {
  return results(await shell.query([{ script, ...more }], calm))[0]?.stdout ?? ''
}
