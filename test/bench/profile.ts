import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Event } from '../../engine/model/event.ts'
import { z } from 'zod'

const Profile = z.object({
  nodes: z.array(z.object({ id: z.int(), callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.int() }) })),
  samples: z.array(z.int()),
  timeDeltas: z.array(z.number()),
})

/** The functions that took the most processor time of their own, from a `.cpuprofile` (which Chromium's DevTools and speedscope show as a flame graph). */
export function hottest(folder: string, most = 25): string {
  const [file] = readdirSync(folder).filter(name => name.endsWith('.cpuprofile')).toSorted().toReversed()
  if (file === undefined) return `no profile in ${folder}\n`
  const { nodes, samples, timeDeltas } = Profile.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')))
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, `${callFrame.functionName || '(anonymous)'} ${callFrame.url.split('/').slice(-3).join('/')}:${callFrame.lineNumber + 1}`]))
  const times = new Map<string, number>()
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id) ?? '?'
    times.set(frame, (times.get(frame) ?? 0) + (timeDeltas[index] ?? 0) / 1000)
  }
  const rows = [...times].toSorted(([, a], [, b]) => b - a).slice(0, most)
  return `${file}\n${rows.map(([frame, milliseconds]) => `${milliseconds.toFixed(1).padStart(9)} ms  ${frame}\n`).join('')}`
}

/** Every frame of a run: when its answer had come, how long that took, what it was for. */
export function frameTrace(record: string): string {
  const events = readFileSync(record, 'utf8').split('\n').filter(line => line !== '').map((line): Event => JSON.parse(line))
  return events.flatMap(event => (event.type === 'frame' ? [`${String(event.at).padStart(8)} ms  ${event.milliseconds.toFixed(1).padStart(8)} ms  ${event.purpose.padEnd(6)} ${String(event.sections).padStart(4)} sections  ${event.node}\n`] : [])).join('')
}
