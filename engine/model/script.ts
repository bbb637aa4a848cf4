import type { Command } from './command.ts'
import type { HostFile, Payload } from './session.ts'

/** A command with what it reads on stdin. */
export interface Script {
  readonly command: Command
  readonly stdin?: Payload
  /** Instead of `stdin`: a file of another host, brought through the controller. */
  readonly from?: HostFile
}
