import type { ViewOptions } from '../render/view.ts'
import type { Options } from './options.ts'

/** How a run, or a recording of one, is shown here: live rows where there is a terminal to redraw and nobody is asked anything. */
export function viewOptions(options: Pick<Options, 'output' | 'diff' | 'verbose'> & { readonly step?: boolean }): ViewOptions {
  const { stdout } = process
  return {
    kind: options.output ?? (stdout.isTTY && options.step !== true ? 'tree' : 'plain'),
    write: text => stdout.write(text),
    color: stdout.isTTY && !process.env['NO_COLOR'],
    diff: options.diff,
    verbose: options.verbose,
    root: process.cwd(),
    size: () => ({ columns: stdout.columns, rows: stdout.rows }),
  }
}
