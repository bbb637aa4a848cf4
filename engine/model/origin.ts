import { fileURLToPath } from 'node:url'

/** Where in the user's code something was written. */
export interface Origin {
  readonly file: string
  readonly line: number
}

const ENGINE = new URL('../', import.meta.url).pathname

/** Frames that usually are enough, and those that always are: every frame costs, and each task of each host asks. */
const DEPTHS = [5, 12] as const
const paths = new Map<string, string>()

/** The nearest caller outside the engine; `unknown` where the stack has none. */
export function callSite(): Origin {
  const limit = Error.stackTraceLimit
  try {
    for (const depth of DEPTHS) {
      Error.stackTraceLimit = depth
      const found = outside(new Error().stack?.split('\n').slice(2) ?? [])
      if (found) return found
    }
  } finally {
    Error.stackTraceLimit = limit
  }
  return { file: 'unknown', line: 0 }
}

function outside(frames: readonly string[]): Origin | undefined {
  for (const frame of frames) {
    const match = /(file:\/\/[^\s)]+|\/[^\s():]+):(\d+):\d+\)?$/.exec(frame)
    if (!match?.[1] || !match[2]) continue
    const file = pathOf(match[1])
    if (!file.startsWith(ENGINE)) return { file, line: Number(match[2]) }
  }
  return undefined
}

function pathOf(place: string): string {
  const known = paths.get(place)
  if (known !== undefined) return known
  const path = place.startsWith('file:') ? fileURLToPath(place) : place
  paths.set(place, path)
  return path
}
