import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import type { Event } from '../../engine/model/event.ts'
import { loadCompare } from '../../engine/render/diff.ts'
import { htmlReport } from '../../engine/render/html-report.ts'
import { junit } from '../../engine/render/junit.ts'
import { escaped, markup } from '../../engine/render/markup.ts'
import { RunRecorder, type RecordedRun } from '../../engine/render/recorded-run.ts'
import { checkRun } from './support/check-run.ts'
import { failingRun, ROOT } from './support/failing-run.ts'

const recorded = (events: readonly Event[]): RecordedRun => {
  const recorder = new RunRecorder()
  for (const event of events) recorder.on(event)
  if (recorder.run === undefined) throw new Error('no run began')
  return recorder.run
}
const compare = await loadCompare()
const page = (events: readonly Event[]): string => htmlReport(recorded(events), { root: ROOT, compare, date: new Date('2026-01-02T03:04:05Z') })
const results = (events: readonly Event[]): string => junit(recorded(events), { root: ROOT })
const HOSTILE = '</pre><script>alert(1)</script>" onload="x" ]]> \u001b[31m\u0000 &amp;'

/** The same run, as told by a host that tries to be markup. */
const hostile = (): readonly Event[] =>
  failingRun().map(event => (event.type === 'task-finished' && event.outcome.type === 'failed' ? { ...event, task: { ...event.task, title: HOSTILE }, outcome: { ...event.outcome, failure: { ...event.outcome.failure, message: HOSTILE, stderr: HOSTILE } } } : event))

describe('the page', () => {
  it('of a failing run has verdict, causes, hosts, times and differences', async () => {
    await expect(page(failingRun())).toMatchFileSnapshot('golden/report-failing-run.html')
  })
  it('of a check tells what would change', () => {
    expect(page(checkRun())).toMatch(/would change/)
    expect(page(checkRun())).toContain('check mode')
  })
  it('takes nothing from a host for markup, and would run no script if it did', () => {
    const text = page(hostile())
    expect(text).not.toMatch(/<script/i)
    expect(text.match(/<[^>]* on\w+=/g)).toBeNull()
    expect(text).toContain(`default-src 'none'`)
  })
  it('of a recording that was cut off says so', () => {
    expect(page(failingRun().slice(0, -4))).toContain('The recording ends before the run did.')
  })
})

describe('JUnit results', () => {
  it('of a failing run have a suite for each play on a host, and what failed, could not be reached or was blocked', async () => {
    await expect(results(failingRun())).toMatchFileSnapshot('golden/report-failing-run.xml')
  })
  it.each([['a failing run', failingRun], ['a check', checkRun], ['a hostile host', hostile]])('of %s are XML that a parser takes', (_name, make) => {
    const folder = mkdtempSync(join(tmpdir(), 'ts-play-junit-'))
    try {
      writeFileSync(join(folder, 'results.xml'), results(make()))
      const counted = execFileSync('python3', ['-c', COUNT, join(folder, 'results.xml')], { encoding: 'utf8' })
      const { suites, told, found } = JSON.parse(counted)
      expect(suites).toBe(make().filter(event => event.type === 'node-finished').length)
      expect(told).toEqual(found)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

/** Reads the results with a parser that is not ours, and compares the counts that suites tell with what is in them. */
const COUNT = `
import json, sys, xml.etree.ElementTree as tree
suites = tree.parse(sys.argv[1]).getroot().findall('testsuite')
told = [[int(s.get(k)) for k in ('tests', 'failures', 'errors', 'skipped')] for s in suites]
found = [[len(s.findall('testcase'))] + [len(s.findall('testcase/' + k)) for k in ('failure', 'error', 'skipped')] for s in suites]
print(json.dumps({'suites': len(suites), 'told': told, 'found': found}))
`

test('holes of a template are escaped, markup and lists of it are not', () => {
  expect(markup`<p title="${'"<&'}">${[markup`<b>${1}</b>`, markup`<i/>`]}</p>`.toString()).toBe('<p title="&#34;&#60;&#38;"><b>1</b><i/></p>')
  expect(escaped('\u0000\u001b')).toBe(String.raw`\x00\x1b`)
})
