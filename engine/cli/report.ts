import { relative } from 'node:path'
import { formatDiagnostic, type Diagnostic } from '../model/diagnostic.ts'

/** Places beyond these are counted. */
const MOST_PLACES = 5

/** Diagnostics as the user sees them, files as seen from `folder`. The same mistake in many places, or for many roles, is told once, and no doubt about what an error has explained already. */
export function report(diagnostics: readonly Diagnostic[], folder: string): string {
  const same = new Map<string, [Diagnostic, ...Diagnostic[]]>()
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  for (const found of diagnostics) {
    if (found.severity === 'warning' && errors.some(error => explains(error, found))) continue
    const shown = { ...found, file: seenFrom(folder, found.file) }
    const key = JSON.stringify([found.severity, found.message, found.hint])
    const before = same.get(key)
    if (before) before.push(shown)
    else same.set(key, [shown])
  }
  return [...same.values()].map(found => once(found)).join('')
}

function once(found: readonly [Diagnostic, ...Diagnostic[]]): string {
  const [first] = found
  const roles = [...new Set(found.flatMap(each => each.roles ?? []))]
  const elsewhere = [...new Map(found.map(each => [place(each), each])).values()].slice(1)
  return `${formatDiagnostic({ ...first, roles })}\n${elsewhere.length === 0 ? '' : `  the same at ${places(elsewhere)}\n`}`
}

/** An error at the same place that ends with the same advice. */
function explains(error: Diagnostic, { hint, ...doubt }: Diagnostic): boolean {
  return hint !== undefined && place(error) === place(doubt) && error.hint?.endsWith(hint) === true
}

function places(found: readonly Diagnostic[]): string {
  const left = found.length - MOST_PLACES
  return `${found.slice(0, MOST_PLACES).map(place).join(', ')}${left > 0 ? ` and ${left} more` : ''}`
}

function place({ file, line, column }: Diagnostic): string {
  return line > 0 ? `${file}:${line}:${column}` : file
}

function seenFrom(folder: string, file: string): string {
  return file.startsWith(`${folder.replace(/\/$/, '')}/`) ? relative(folder, file) : file
}
