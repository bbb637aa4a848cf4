import { expect, test } from 'vitest'
import { criticalPath } from '../../engine/render/critical-path.ts'
import { profile } from '../../engine/render/profile.ts'
import { failingRun } from './support/failing-run.ts'
import { Recording } from './support/recording.ts'

test('the profile of a run names the chain that it took as long as, and what it consisted of', () => {
  expect(profile(failingRun())).toMatchInlineSnapshot(`
    "
    PROFILE
    48.0 s, on the critical path: remote 47.7 s (99 %), connecting 150 ms (under 1 %), waiting 9 ms (under 1 %), engine 4 ms (under 1 %)
            0 ms  prereqs@m1              6.8 s  remote 6.7 s, connecting 150 ms, waiting 5 ms, engine 4 ms, most of it package containerd
           6.8 s  first-master@m1        41.1 s  remote 41.1 s, waiting 4 ms, most of it initialise the cluster
    "
  `)
})

test('the path goes back through the node whose end let the next one begin, across hosts', () => {
  const run = new Recording().start('run', { base: ['a', 'b'], join: ['b'] })
  run.begin('base', 'a').frame('base', 'a', { purpose: 'apply', sections: 1, milliseconds: 900 }).end('base', 'a')
  run.goto(0).begin('base', 'b').frame('base', 'b', { purpose: 'probe', sections: 1, milliseconds: 50 }).end('base', 'b')
  run.goto(902).begin('join', 'b').frame('join', 'b', { purpose: 'apply', sections: 1, milliseconds: 100 }).end('join', 'b')
  expect(criticalPath(run.finish(0)).map(({ node, from, to, remote, waiting }) => ({ node, from, to, remote, waiting }))).toEqual([
    { node: 'base@a', from: 0, to: 900, remote: 900, waiting: 0 },
    { node: 'join@b', from: 900, to: 1002, remote: 100, waiting: 2 },
  ])
})

test('of two that ended together, the one of the same host was waited for', () => {
  const run = new Recording().start('run', { base: ['a', 'b'], join: ['b'] })
  run.begin('base', 'b').goto(498).end('base', 'b')
  run.goto(0).begin('base', 'a').goto(500).end('base', 'a')
  run.goto(500).begin('join', 'b').pass(10).end('join', 'b')
  expect(criticalPath(run.finish(0)).map(stretch => stretch.node)).toEqual(['base@b', 'join@b'])
})

test('every millisecond of a node is remote, connecting, waiting or ours; a long pause between frames is a wait', () => {
  const run = new Recording().start('run', { base: ['a'] }).pass(5).begin('base', 'a').pass(100).connected('a', 90)
  run.frame('base', 'a', { purpose: 'facts', sections: 2, milliseconds: 50 }).pass(20).frame('base', 'a', { purpose: 'apply', sections: 1, milliseconds: 300 })
  run.pass(1000).frame('base', 'a', { purpose: 'apply', sections: 1, milliseconds: 300 }).pass(7).end('base', 'a')
  expect(criticalPath(run.finish(0))).toEqual([{ node: 'base@a', from: 0, to: 1782, remote: 650, connecting: 90, waiting: 1005, engine: 37, slowest: undefined }])
})

test('a token made on another host while a node waits for it counts as remote', () => {
  const run = new Recording().start('run', { join: ['b'] }).begin('join', 'b')
  run.frame('first', 'a', { purpose: 'output', sections: 1, milliseconds: 400 }).frame('join', 'b', { purpose: 'apply', sections: 1, milliseconds: 100 }).end('join', 'b')
  expect(criticalPath(run.finish(0))).toMatchObject([{ node: 'join@b', remote: 500, waiting: 0 }])
})

test('a run without a node has no path', () => {
  expect(criticalPath(new Recording().start('run', {}).finish(0))).toEqual([])
  expect(profile([])).toContain('PROFILE')
})
