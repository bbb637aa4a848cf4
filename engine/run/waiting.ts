import type { Node } from '../plan/graph.ts'
import type { RunContext } from './context.ts'

/** Milliseconds after which a node says for whom it waits. */
const PATIENCE = 5000

/** Watches what a node still waits for, and says so once when it takes long. */
export function noticeWaiting(context: RunContext, node: Node) {
  const missing = new Set([...node.after, ...node.inputs.filter(edge => !edge.optional).flatMap(edge => edge.from)])
  const ended = new AbortController()
  void context.sleep(PATIENCE, ended.signal).then(() => {
    if (ended.signal.aborted || node.mode !== 'full') return
    context.emit({ type: 'node-waiting', node: node.id, play: node.play.name, host: node.host, for: [...missing].join(', ') || `its turn (serial ${node.play.serial})` })
  })
  return {
    until<T>(id: string, value: T): T {
      missing.delete(id)
      return value
    },
    done: () => ended.abort(),
  }
}
