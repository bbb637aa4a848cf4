/** A table for whoever watches the run: it changes nothing and judges nothing. */
export interface Report {
  readonly type: 'report'
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/**
 * Shows a table as soon as what it says is known: before the tasks beside it, and before an assertion after it is judged. In check mode too, unless what
 * it says cannot be known yet.
 *
 * @param table.columns headings
 * @param table.rows cells as text, one for each column; control characters are escaped when they are shown
 */
export function report(table: { title: string; columns: readonly string[]; rows: readonly (readonly string[])[] }): Report {
  return { type: 'report', ...table }
}
