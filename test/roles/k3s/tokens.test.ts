import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Secret } from '../../../engine/index.ts'
import { agentTicket, makeTokens, nameTheCluster, parseToken, serverTicket } from '../../../roles/k3s/tokens.ts'
import { runShell } from '../support/shell.ts'
import { specOf } from '../support/tasks.ts'
import type { Item } from '../../../engine/index.ts'

const hash = 'ab'.repeat(32)
let folder: string
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'ts-play-k3s-')) })
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** The command of a task, on files of this test's own. */
const run = (item: Item, name: string, part = 'run'): number | null => {
  const command = specOf([item], 'command', name)[part]
  const text = typeof command === 'object' && command !== null && 'text' in command ? String(command.text) : ''
  return runShell(`set -eu\n${text.replaceAll('/etc/rancher/k3s/', `${folder}/own-`).replaceAll('/var/lib/rancher/k3s/server/', `${folder}/cluster-`)}`).status
}
const text = (name: string): string => readFileSync(join(folder, name), 'utf8')
const keep = (name: string, content: string): void => writeFileSync(join(folder, name), content)

describe('tokens', () => {
  const make = (): number | null => run(makeTokens, 'make the tokens')

  test('are made of chance, differ, and are root’s alone', () => {
    expect(make()).toBe(0)
    expect(text('own-server-token')).toMatch(/^[0-9a-f]{64}$/)
    expect(text('own-agent-token')).toMatch(/^[0-9a-f]{64}$/)
    expect(text('own-server-token')).not.toBe(text('own-agent-token'))
    for (const name of ['own-server-token', 'own-agent-token']) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
  })
  test('stay', () => {
    make()
    const before = text('own-server-token')
    make()
    expect(text('own-server-token')).toBe(before)
  })
  test('are those of a server that is there already', () => {
    keep('cluster-token', `K10${hash}::server:one\n`)
    keep('cluster-agent-token', `K10${hash}::node:two\n`)
    make()
    expect([text('own-server-token'), text('own-agent-token')]).toEqual(['one\n', 'two\n'])
  })
  test('name the cluster’s CA from then on', () => {
    make()
    keep('cluster-token', `K10${hash}::server:one\n`)
    const done = (): boolean => run(nameTheCluster, 'the server’s token names the cluster’s CA', 'unless') === 0
    expect(done()).toBe(false)
    expect(run(nameTheCluster, 'the server’s token names the cluster’s CA')).toBe(0)
    expect(text('own-server-token')).toBe(`K10${hash}::server:one\n`)
    expect(done()).toBe(true)
  })
})

describe('tickets', () => {
  const host = (files: Readonly<Record<string, string>>) => ({
    query: ({ text: script }: { text: string }): Promise<string> => Promise.resolve(files[script.replace('cat ', '')] ?? ''),
  })
  const files = {
    '/etc/rancher/k3s/agent-token': 'two\n',
    '/var/lib/rancher/k3s/server/token': `K10${hash}::server:one\n`,
    '/var/lib/rancher/k3s/server/agent-token': `K10${hash}::node:two\n`,
  }
  test('of a server and of an agent', async () => {
    const { token, agentToken } = await serverTicket(host(files))
    expect([Secret.reveal(token), Secret.reveal(agentToken)]).toEqual([`K10${hash}::server:one\n`, 'two'])
    expect(Secret.reveal((await agentTicket(host(files))).token)).toBe(`K10${hash}::node:two\n`)
  })
  test('an agent never gets what lets a server join', async () => {
    await expect(agentTicket(host({ '/var/lib/rancher/k3s/server/agent-token': `K10${hash}::server:one` }))).rejects.toThrow('no token of the form K10…::node:…')
  })
  test('a token without the CA’s hash would trust whoever answers, and an error does not repeat it', () => {
    expect(() => parseToken('secret-word', 'server')).toThrow(/^(?!.*secret-word)/)
    expect(() => parseToken('', 'node')).toThrow('no token')
  })
})
