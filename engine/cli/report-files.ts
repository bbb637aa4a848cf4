import { open, type FileHandle } from 'node:fs/promises'
import { reportKind, type ReportKind } from './report-kind.ts'
import { RunRecorder, type RecordedRun } from '../render/recorded-run.ts'
import type { View } from '../render/view.ts'

/**
 * A view that writes reports when the run is over. The files are opened before the first connection (mode 0600: a diff may tell much of a host), so that there
 * will be no report is told before anything is done.
 */
export async function openReports(files: readonly string[]): Promise<View | { readonly problem: string }> {
  const opened: { readonly file: string; readonly handle: FileHandle }[] = []
  for (const file of files) {
    try {
      opened.push({ file, handle: await open(file, 'w', 0o600) })
    } catch (error) {
      for (const { handle } of opened) await handle.close()
      return { problem: `--report ${file}: ${error instanceof Error ? error.message : String(error)}` }
    }
  }
  const recorder = new RunRecorder()
  return {
    on: event => opened.length > 0 && recorder.on(event),
    async close() {
      const { run } = recorder
      for (const { file, handle } of opened) {
        try {
          if (run !== undefined) await handle.writeFile(await render(run, reportKind(file) ?? 'html'))
        } catch (error) {
          process.stderr.write(`warning: --report ${file}: ${error instanceof Error ? error.message : String(error)}\n`)
        } finally {
          await handle.close()
        }
      }
    },
  }
}

/** Loaded when somebody asks for a report. */
async function render(run: RecordedRun, kind: ReportKind): Promise<string> {
  const root = process.cwd()
  switch (kind) {
    case 'junit': {
      const { junit } = await import('../render/junit.ts')
      return junit(run, { root })
    }
    case 'html': {
      const [{ htmlReport }, { loadCompare }] = await Promise.all([import('../render/html-report.ts'), import('../render/diff.ts')])
      return htmlReport(run, { root, compare: await loadCompare(), date: new Date() })
    }
  }
}
