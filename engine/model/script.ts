import type { Command } from './command.ts'
import type { HostFile, Payload, SharedLook } from './session.ts'

/** A command with what it reads on stdin. */
export interface Script {
  readonly command: Command
  readonly stdin?: Payload
  /** Instead of `stdin`: a file of another host, brought through the controller. */
  readonly from?: HostFile
  /** Of a probe: what it shares with other probes that are taken at the same time. */
  readonly shares?: readonly SharedLook[]
}
