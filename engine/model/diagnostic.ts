/** A problem in something the user wrote, found before the first connection. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning'
  readonly file: string
  /** 1-based; 0 where a place cannot be given. */
  readonly line: number
  readonly column: number
  /** What is wrong: expected and got. */
  readonly message: string
  /** Roles whose variable it is about. */
  readonly roles?: readonly string[]
  /** The next step, or the likely meaning ("did you mean …?"). */
  readonly hint?: string
  /** The source line, for the printer to underline from `column`, `length` characters. */
  readonly source?: string
  readonly length?: number
}

/** Roles beyond these are counted. */
const MOST_ROLES = 3

/** `file:line:col: message`, the source line with its underline, then the hint. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, message, roles = [], hint, source, severity, length = 1 } = diagnostic
  const place = line > 0 ? `${file}:${line}:${column}` : file
  const lines = [`${severity}: ${place}: ${message}${asking(roles)}`]
  if (source !== undefined && line > 0) lines.push(`  ${source}`, `  ${' '.repeat(Math.max(0, column - 1))}${'~'.repeat(Math.max(1, length))}`)
  if (hint) lines.push(`  ${hint}`)
  return lines.join('\n')
}

function asking(roles: readonly string[]): string {
  if (roles.length === 0) return ''
  const left = roles.length - MOST_ROLES
  return ` (role${roles.length === 1 ? '' : 's'} ${roles.slice(0, MOST_ROLES).join(', ')}${left > 0 ? ` and ${left} more` : ''})`
}
