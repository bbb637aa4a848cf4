import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Diagnostic } from '../model/diagnostic.ts'

const ENGINE = fileURLToPath(new URL('../', import.meta.url))

type Place = Pick<Diagnostic, 'file' | 'line' | 'column' | 'source' | 'length'>

/** Why a playbook, or a file that it imports, could not be loaded: at the place that Node names in the error's stack. */
export async function loadError(error: unknown, playbook: string): Promise<Diagnostic> {
  const { message = String(error), stack = '' } = error instanceof Error ? error : {}
  const missing = /^Cannot find (?:module|package) '([^']+)' imported from (.+)$/s.exec(message)
  const place = missing?.[1] !== undefined && missing[2] !== undefined ? await importing(missing[1], missing[2]) : (quoted(stack) ?? called(stack) ?? { file: playbook, line: 0, column: 0 })
  const what = missing?.[1] === undefined ? message : `there is no ${message.startsWith('Cannot find package') ? 'package' : 'file'} ${missing[1]}`
  return { severity: 'error', message: `the playbook could not be loaded: ${what}`, hint: hintFor(error), ...place }
}

function hintFor(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') return 'Node leaves types out and runs the rest: write it without enum, namespace and parameter properties'
  return 'the compiler tells more: npx tsc --noEmit'
}

/** A syntax error's stack begins with the place, the source and a line of `^`. */
function quoted(stack: string): Place | undefined {
  const [head = '', ...rest] = stack.split('\n')
  const at = /^(?:file:\/\/)?(\/.*):(\d+)$/.exec(head)
  if (at?.[1] === undefined) return undefined
  const mark = rest.findIndex(line => /^\s*\^+\s*$/.test(line))
  const [source, marked = ''] = mark < 1 ? [] : [rest[mark - 1], rest[mark]]
  const place = { file: at[1], line: Number(at[2]), column: Math.max(1, marked.indexOf('^') + 1) }
  return source === undefined ? place : { ...place, source, length: marked.trim().length }
}

/** The innermost frame of what was thrown that is the user's own. */
function called(stack: string): Place | undefined {
  for (const frame of stack.split('\n')) {
    const match = /^\s+at .*?(?:file:\/\/)?(\/[^():]+):(\d+):(\d+)\)?$/.exec(frame)
    if (match?.[1] !== undefined && !match[1].startsWith(ENGINE)) return { file: match[1], line: Number(match[2]), column: Number(match[3]) }
  }
  return undefined
}

/** The line of a file that imports what is not there. */
async function importing(name: string, file: string): Promise<Place> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const wanted = basename(name)
  const lines = text.split('\n')
  const index = lines.findIndex(line => /\b(from|import)\b/.test(line) && line.includes(wanted))
  const source = lines[index]
  return source === undefined ? { file, line: 0, column: 0 } : { file, line: index + 1, column: source.indexOf(wanted) + 1, source, length: wanted.length }
}
