import { extname } from 'node:path'

export type ReportKind = 'html' | 'junit'

/** What a report is, told by the end of its file's name; `undefined` where it tells nothing. */
export function reportKind(file: string): ReportKind | undefined {
  const kinds: Readonly<Record<string, ReportKind>> = { '.html': 'html', '.htm': 'html', '.xml': 'junit' }
  return kinds[extname(file).toLowerCase()]
}
