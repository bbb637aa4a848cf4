import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import { isFailure } from '../../../engine/connection/failure.ts'
import type { Changer, ConnectFailure, Section, SectionResult } from '../../../engine/model/session.ts'

/** A signal that nobody aborts. */
export const calm = new AbortController().signal

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')

/** What had to be had. @throws Error with why it could not */
export function made<T extends object>(what: T | ConnectFailure): T {
  if (isFailure(what)) throw new Error(`${what.message}; ${what.remedy}`)
  return what
}

/** The results of a query that has to be answered. */
export async function ask(shell: Changer, ...sections: readonly Section[]): Promise<readonly SectionResult[]> {
  const reply = await shell.query(sections, calm)
  expect(reply).toMatchObject({ type: 'replied' })
  return reply.type === 'replied' ? reply.results : []
}

/** stdout of one script. */
export async function say(shell: Changer, script: string): Promise<string> {
  return (await ask(shell, { script }))[0]?.stdout ?? ''
}
