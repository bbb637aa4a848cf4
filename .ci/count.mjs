// Reads vitest's JSON report and ends the run with the line that is counted: `N passed, N failed, N skipped`.
import { readFileSync } from 'node:fs'

let report
try {
  report = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'))
} catch {
  process.stdout.write('0 passed, 1 failed\n')
  process.exit(1)
}
const { numPassedTests: passed, numFailedTests: failed, numFailedTestSuites: suites, numPendingTests: skipped } = report
// A file that fails to load has no tests to count, and is a failure all the same.
const broken = failed === 0 && suites > 0 ? suites : failed
process.stdout.write(`${passed} passed, ${broken} failed, ${skipped} skipped\n`)
process.exit(passed > 0 && broken === 0 ? 0 : 1)
