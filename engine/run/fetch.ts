import type { Failure } from '../model/failure.ts'
import type { HostFile } from '../model/session.ts'
import { sh } from '../model/command.ts'
import type { Spooled } from './context.ts'
import { frameFor, type Scope } from './scope.ts'

const MIB = 1024 * 1024
/** MiB of the first piece and of the largest: each is held in memory, and has to come within a query's deadline also over a slow line. */
const FIRST = 1
const LARGEST = 8
/** Milliseconds: a piece that came faster is followed by a larger one. */
const FAST = 2000

/** Thrown out of the stream of pieces, with what the task fails with. */
class FetchFailed extends Error {
  readonly failure: Failure
  constructor(failure: Failure) {
    super(failure.message)
    this.failure = failure
  }
}

/** Brings a file of a host to a private file of the controller, piece by piece, and gives it when size and sum are those that were promised. */
export async function fetchHere(scope: Scope, file: HostFile): Promise<Spooled | Failure> {
  try {
    const spooled = await scope.context.spool(pieces(scope, file))
    if (spooled.file.size === file.size && spooled.file.sha256 === file.sha256) return spooled
    await spooled.remove()
    return unreadable(file, 'it changed since it was looked at')
  } catch (error) {
    return error instanceof FetchFailed ? error.failure : unreadable(file, error instanceof Error ? error.message : String(error))
  }
}

/** Never more than was promised: a file that grows must not fill the controller. */
async function* pieces(scope: Scope, file: HostFile): AsyncGenerator<Uint8Array> {
  const { context } = scope
  const at = frameFor(scope, 'probe')
  for (let got = 0, size = FIRST; got < file.size; ) {
    if (context.killing.aborted) throw new FetchFailed(unreadable(file, 'interrupted'))
    const started = context.now()
    const script = sh`dd if=${file.path} bs=${MIB} skip=${got / MIB} count=${size} | base64`.text
    const reply = await scope.hosts.query(at, { host: file.host, user: file.user }, [{ script }])
    if (reply.type === 'failure') throw new FetchFailed(reply.failure)
    const result = reply.results[0]
    const bytes = Buffer.from(result?.stdout ?? '', 'base64')
    // Only the last piece may be a short one.
    if (bytes.length !== Math.min(size * MIB, file.size - got)) throw new FetchFailed(unreadable(file, said(result?.stderr) || 'it changed since it was looked at'))
    yield bytes
    got += bytes.length
    context.emit({ type: 'transfer-progress', node: at.node, play: at.play, host: at.host, ...(file.host === at.host ? {} : { on: file.host }), path: file.path, bytes: got, size: file.size })
    if (context.now() - started < FAST) size = Math.min(size * 2, LARGEST)
  }
}

/** dd tells on stderr also how much it copied. */
function said(stderr = ''): string {
  return stderr.split('\n').find(line => line.startsWith('dd:')) ?? ''
}

function unreadable({ host, path }: HostFile, why: string): Failure {
  return { reason: 'source-missing', message: `${path} of ${host} could not be fetched: ${why}`, remedy: 'run again: it is looked at anew' }
}
