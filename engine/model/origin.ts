import { fileURLToPath } from 'node:url'

/** Where in the user's code something was written. */
export interface Origin {
  readonly file: string
  readonly line: number
}

const ENGINE = new URL('../', import.meta.url).pathname

/** The nearest caller outside the engine; `unknown` where the stack has none. */
export function callSite(): Origin {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 12
  const frames = new Error().stack?.split('\n').slice(2) ?? []
  Error.stackTraceLimit = limit
  for (const frame of frames) {
    const match = /(file:\/\/[^\s)]+|\/[^\s():]+):(\d+):\d+\)?$/.exec(frame)
    if (!match?.[1] || !match[2]) continue
    const file = match[1].startsWith('file:') ? fileURLToPath(match[1]) : match[1]
    if (!file.startsWith(ENGINE)) return { file, line: Number(match[2]) }
  }
  return { file: 'unknown', line: 0 }
}
