import type { Event } from '../../../engine/model/event.ts'
import { createView, type ViewOptions } from '../../../engine/render/view.ts'
import { ROOT } from './recording.ts'
import { sink } from './sink.ts'

/** What a view writes for a whole recording. */
export async function shown(events: readonly Event[], options: Partial<ViewOptions> = {}): Promise<string> {
  const out = sink()
  const view = await createView({ kind: 'plain', write: out.write, color: false, diff: false, verbose: false, root: ROOT, ...options })
  for (const event of events) view.on(event)
  await view.close()
  return out.text()
}
