import { readFile } from 'node:fs/promises'
import { parse } from './options.ts'

/** The program: arguments in, exit code out. */
export async function main(argv: readonly string[]): Promise<number> {
  // Whoever reads has enough (`| head`): that is no reason to leave hosts half done.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', (error: Error) => { if (!('code' in error && error.code === 'EPIPE')) throw error })
  const { version } = JSON.parse(await readFile(new URL(packageFile(), import.meta.url), 'utf8'))
  const parsed = parse(argv, String(version))
  if (parsed.type === 'exit') {
    const stream = parsed.code === 0 ? process.stdout : process.stderr
    stream.write(parsed.text)
    return parsed.code
  }
  const { options } = parsed
  if (options.replay !== undefined) {
    const { replayFile } = await import('./replay.ts')
    return replayFile(options.replay, options)
  }
  // Whoever asks for help needs neither inventories nor plans.
  const { carryOut } = await import('./carry-out.ts')
  return carryOut(options)
}

/** From `engine/cli` in a checkout, from `dist/engine/cli` when installed. */
function packageFile(): string {
  return import.meta.url.includes('/dist/engine/cli/') ? '../../../package.json' : '../../package.json'
}
