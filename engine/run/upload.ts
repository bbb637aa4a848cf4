import type { Failure } from '../model/failure.ts'
import type { SourceFile } from '../model/session.ts'
import type { RunContext } from './context.ts'
import { lost } from './host-failures.ts'
import type { FrameFor } from './hosts.ts'
import type { Place } from './place.ts'
import type { Sessions } from './sessions.ts'

/** Milliseconds between two words about a transfer. */
const PROGRESS = 500

interface Upload {
  readonly at: FrameFor
  readonly place: Place
  readonly file: SourceFile
}

/** Brings a controller's file to a host ahead of the frame that reads it, if it is a large one; the host's shell is free meanwhile. A broken connection is made again, and the rest sent. */
export async function uploadTo(sessions: Sessions, { emit, killing, now, slots }: RunContext, { at, place: { host, user }, file }: Upload): Promise<Failure | undefined> {
  let told = now()
  const progress = (bytes: number): void => {
    if (now() - told < PROGRESS) return
    told = now()
    emit({ type: 'transfer-progress', node: at.node, play: at.play, host: at.host, ...(host === at.host ? {} : { on: host }), path: file.path, bytes, size: file.size })
  }
  for (;;) {
    const session = sessions.isLost(host) ? undefined : await sessions.of(host)
    // What is wrong with the host is told by the frame.
    if (!session || 'type' in session || !session.upload) return undefined
    const reply = await slots.add(() => session.upload?.(user, file, { signal: killing, progress }))
    if (reply?.type !== 'lost') return undefined
    if (!sessions.renew(host, session, reply.message)) return lost(host, reply.message)
  }
}
