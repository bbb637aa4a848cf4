import { performance } from 'node:perf_hooks'
import { buildBinaries } from './binaries.ts'
import { writeBundle } from './bundle.ts'

/** `node test/lab/kubernetes/build.ts`: everything a cluster needs, built or found in the cache, as an air-gap bundle. */
const say = (line: string): void => void process.stderr.write(`${line}\n`)

try {
  const start = performance.now()
  await buildBinaries(say)
  const folder = await writeBundle(say)
  process.stdout.write(`${folder}\n`)
  say(`ready after ${((performance.now() - start) / 1000).toFixed(1)} s`)
} catch (error) {
  say(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
