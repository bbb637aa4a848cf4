import { waitsFor, type Node } from '../plan/graph.ts'
import type { RunContext } from './context.ts'

/** Milliseconds after which a node says for whom it waits. */
const PATIENCE = 5000

/** Watches a node that waits, and says for whom when it takes long: once, and looked up only then. Gives what ends the watch. */
export function noticeWaiting(context: RunContext, node: Node, ended: ReadonlyMap<string, unknown>): () => void {
  const over = new AbortController()
  void context.sleep(PATIENCE, over.signal).then(() => {
    if (over.signal.aborted || node.mode !== 'full') return
    const missing = waitsFor(node).filter(id => !ended.has(id))
    const turn = node.turn === undefined ? undefined : context.graph.turns.get(node.turn)
    context.emit({ type: 'node-waiting', node: node.id, play: node.play.name, host: node.host, for: missing.join(', ') || `its turn (${turn?.limit ?? 1} at a time)` })
  })
  return () => over.abort()
}
