import type { Diagnostic } from '../model/diagnostic.ts'
import type { Origin } from '../model/origin.ts'

/** A mistake in a playbook, at the place where it was written. */
export function mistake(origin: Origin, message: string, hint?: string): Diagnostic {
  return { severity: 'error', file: origin.file, line: origin.line, column: 1, message, ...(hint === undefined ? {} : { hint }) }
}
