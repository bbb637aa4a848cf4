// Reads vitest's JSON reports and ends the run with the line that is counted: `N passed, N failed, N skipped`.
import { readFileSync } from 'node:fs'

const sum = { passed: 0, failed: 0, skipped: 0 }
let complete = true
for (const file of process.argv.slice(2)) {
  let report
  try {
    report = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // A run that wrote none has failed, whatever it did.
    report = { numPassedTests: 0, numFailedTests: 1, numFailedTestSuites: 1, numPendingTests: 0 }
  }
  const { numPassedTests: passed, numFailedTests: failed, numFailedTestSuites: suites, numPendingTests: skipped } = report
  // A file that fails to load has no tests to count, and is a failure all the same.
  sum.failed += failed === 0 && suites > 0 ? suites : failed
  sum.passed += passed
  sum.skipped += skipped
  complete &&= passed > 0
}
process.stdout.write(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped\n`)
process.exit(complete && sum.passed > 0 && sum.failed === 0 ? 0 : 1)
