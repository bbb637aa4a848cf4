import { describe, expect, test } from 'vitest'
import type { Fact } from '../../engine/index.ts'
import etcdBackup from '../../playbooks/etcd-backup.ts'
import etcdDefrag from '../../playbooks/etcd-defrag.ts'
import etcdRestore from '../../playbooks/etcd-restore.ts'
import ha from '../../playbooks/ha.ts'
import k3sHa from '../../playbooks/k3s-ha.ts'
import k3sPreflight from '../../playbooks/k3s-preflight.ts'
import k3sVerify from '../../playbooks/k3s-verify.ts'
import moveEndpoint from '../../playbooks/move-endpoint.ts'
import restoreDrill from '../../playbooks/restore-drill.ts'
import single from '../../playbooks/single.ts'
import verify from '../../playbooks/verify.ts'
import { syntaxError } from './support/shell.ts'

const plays = [ha, single, moveEndpoint, verify, etcdBackup, etcdDefrag, etcdRestore, restoreDrill, k3sHa, k3sPreflight, k3sVerify].flatMap(({ plays: listed }) => listed)
const facts = new Map<string, Fact<unknown>>(plays.flatMap(play => Object.values(play.role.facts).map(fact => [fact.name, fact] as const)))

describe('facts of the roles', () => {
  test.each([...facts])('%s: a POSIX shell can read the query', (_, { query }) => {
    expect(syntaxError(query.text)).toBeUndefined()
  })
  test.each([...facts])('%s: nothing and rubbish are parsed too', (_, { parse }) => {
    for (const stdout of ['', '\n\n', 'sh: 1: not found', '\u0000\u00ff=', '='.repeat(5000)]) expect(() => parse(stdout)).not.toThrow()
  })
})

test('every variable of every role says what it is', () => {
  const silent = plays.flatMap(({ role }) => Object.entries(role.vars).flatMap(([name, schema]) => (schema.description === undefined ? [`${role.name}.${name}`] : [])))
  expect(silent).toEqual([])
})

test('a variable means the same to every role that reads it', () => {
  const meanings = new Map<string, Set<unknown>>()
  for (const { role } of plays) for (const [name, schema] of Object.entries(role.vars)) meanings.set(name, (meanings.get(name) ?? new Set()).add(schema.description))
  expect([...meanings].flatMap(([name, texts]) => (texts.size > 1 ? [name] : []))).toEqual([])
})
