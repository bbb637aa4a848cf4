import type { Command } from './command.ts'
import type { Payload } from './session.ts'

/** A command with what it reads on stdin. */
export interface Script {
  readonly command: Command
  readonly stdin?: Payload
}
