import { EVENT_VERSION, type Event } from '../model/event.ts'
import type { View } from './view.ts'

/** What became of a recording: how many events it gave (and how many of a kind that this version does not know), or the first line that is none. */
export type Replayed = { readonly type: 'replayed'; readonly events: number; readonly unknown: number } | { readonly type: 'unreadable'; readonly line: number; readonly message: string }

/** Shows a recorded run (what the `json` view wrote) in any view. Closing the view is the caller's. */
export async function replay(lines: Iterable<string> | AsyncIterable<string>, view: View): Promise<Replayed> {
  let number = 0
  let events = 0
  let unknown = 0
  for await (const line of lines) {
    number += 1
    if (line.trim() === '') continue
    const event = decodeEvent(line)
    if (typeof event === 'string') return { type: 'unreadable', line: number, message: event }
    if (events === 0 && event?.type !== 'run-started') return { type: 'unreadable', line: number, message: 'not the beginning of a recording: the first event is run-started, which tells its version' }
    if (event === undefined) {
      unknown += 1
      continue
    }
    view.on(event)
    events += 1
  }
  return { type: 'replayed', events, unknown }
}

/** The event of a line, or why it is none; `undefined` for one of a kind that came later without changing the others: it is passed over. */
export function decodeEvent(line: string): Event | string | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return 'not JSON; a recording that was cut off ends like this'
  }
  if (isForeign(value)) return undefined
  if (!isEvent(value)) return 'not an event of a run'
  if (value.type === 'run-started' && value.version > EVENT_VERSION) return `written by a newer ts-play: its events have version ${value.version}, this one reads ${EVENT_VERSION}`
  return value
}

const ON_NODE = { node: 'string', play: 'string', host: 'string' } as const
/** What each event must have beside its time. Its parts are trusted then: a recording is the user's own file, written by us. */
const FIELDS: Readonly<Record<Event['type'], Readonly<Record<string, 'string' | 'number' | 'boolean' | 'object'>>>> = {
  'run-started': { version: 'number', mode: 'string', playbook: 'string', plays: 'object', seed: 'number' },
  'host-connected': { host: 'string', milliseconds: 'number' },
  'node-started': ON_NODE,
  'node-waiting': { ...ON_NODE, for: 'string' },
  'transfer-progress': { ...ON_NODE, path: 'string', bytes: 'number', size: 'number' },
  'task-listed': { ...ON_NODE, title: 'string', tags: 'object' },
  'task-started': { ...ON_NODE, task: 'object' },
  'task-finished': { ...ON_NODE, task: 'object', outcome: 'object', milliseconds: 'number' },
  'report-made': { ...ON_NODE, title: 'string', columns: 'object', rows: 'object' },
  'block-rescued': { ...ON_NODE, block: 'string', failed: 'object' },
  'handler-pending': { ...ON_NODE, handler: 'string' },
  'output-made': { ...ON_NODE, output: 'string', minted: 'boolean' },
  'output-failed': { ...ON_NODE, failed: 'object' },
  'output-revoked': { ...ON_NODE, output: 'string' },
  frame: { ...ON_NODE, sections: 'number', milliseconds: 'number', purpose: 'string' },
  'node-finished': { ...ON_NODE, outcome: 'object', milliseconds: 'number' },
  warning: { host: 'string', message: 'string' },
  interrupted: { level: 'string' },
  'run-finished': { exitCode: 'number', hosts: 'object', failures: 'object' },
}

function isEvent(value: unknown): value is Event {
  if (typeof value !== 'object' || value === null || !('type' in value) || !('at' in value)) return false
  const { type, at } = value
  if (typeof type !== 'string' || typeof at !== 'number' || !isType(type)) return false
  const fields = new Map<string, unknown>(Object.entries(value))
  return Object.entries(FIELDS[type]).every(([field, kind]) => typeof fields.get(field) === kind && fields.get(field) !== null)
}

function isForeign(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'at' in value && typeof value.at === 'number' && 'type' in value && typeof value.type === 'string' && !isType(value.type)
}

function isType(type: string): type is Event['type'] {
  return Object.hasOwn(FIELDS, type)
}
