import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import type { Event } from '../model/event.ts'
import { replay } from '../render/replay.ts'
import { createView, type View } from '../render/view.ts'
import type { Options } from './options.ts'
import { openReports } from './report-files.ts'
import { viewOptions } from './view-options.ts'

/** Exit codes of sysexits(3): EX_DATAERR, EX_NOINPUT and EX_CANTCREAT. */
const UNREADABLE = 65
const NO_INPUT = 66
const CANNOT_CREATE = 73

/** Shows a run that `--record` or `-o json` wrote, as if it happened now; `-` is stdin. What it is told when it ends is not how the run ended: 0 is "shown". */
export async function replayFile(file: string, options: Pick<Options, 'output' | 'diff' | 'verbose' | 'profile' | 'report'>): Promise<number> {
  const recorded: Event[] = []
  const reports = await openReports(options.report)
  if ('problem' in reports) return refuse(reports.problem, 'name a file in a folder that exists and can be written to', CANNOT_CREATE)
  const view = await createView(viewOptions(options))
  const all: View = {
    on: event => {
      view.on(event)
      reports.on(event)
      if (options.profile) recorded.push(event)
    },
    close: async () => {
      await view.close()
      await reports.close()
    },
  }
  try {
    const input = file === '-' ? process.stdin : createReadStream(file)
    const shown = await replay(linesOf(input), all)
    await all.close()
    if (shown.type === 'unreadable') return refuse(`${file}:${shown.line}: ${shown.message}`, 'a recording is what --record FILE writes, one event a line', UNREADABLE)
  } catch (error) {
    await all.close()
    if (!(error instanceof Error && 'code' in error)) throw error
    return refuse(`--replay ${file}: ${error.message}`, 'name a file that --record wrote, or - for stdin', NO_INPUT)
  }
  if (options.profile) {
    const { profile } = await import('../render/profile.ts')
    const stream = options.output === 'json' ? process.stderr : process.stdout
    stream.write(profile(recorded))
  }
  return 0
}

/** Lines as they come; a file that cannot be opened fails the one who reads them. */
async function* linesOf(input: NodeJS.ReadableStream): AsyncGenerator<string> {
  const failed = new Promise<never>((_, reject) => void input.once('error', reject))
  const lines = createInterface({ input, crlfDelay: Infinity })[Symbol.asyncIterator]()
  for (;;) {
    const next = await Promise.race([lines.next(), failed])
    if (next.done) return
    yield next.value
  }
}

function refuse(message: string, hint: string, code: number): number {
  process.stderr.write(`error: ${message}\n  ${hint}\n`)
  return code
}
