import type { Event } from '../model/event.ts'
import { printableJson } from './escape.ts'
import type { View, ViewOptions } from './view.ts'

/** The stream itself, one event a line. The first line, `run-started`, carries the version. */
export function jsonView({ write }: Pick<ViewOptions, 'write'>): View {
  return {
    on: event => write(`${encodeEvent(event)}\n`),
    close: () => Promise.resolve(),
  }
}

/** One event as one line that a terminal can show as it is. */
export function encodeEvent(event: Event): string {
  return printableJson(JSON.stringify(event))
}
