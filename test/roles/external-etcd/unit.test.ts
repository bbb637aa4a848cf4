import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { etcdAuthority } from '../../../roles/external-etcd/authority.ts'
import { issueCertificate } from '../../../roles/external-etcd/certificate.ts'
import { etcdUnit, type UnitSettings } from '../../../roles/external-etcd/unit.ts'
import { binFolder } from '../../lab/kubernetes/binaries.ts'
import { versions } from '../../lab/kubernetes/versions.ts'
import { program } from '../support/shell.ts'
import { itemsOf, specOf } from '../support/tasks.ts'

const settings: UnitSettings = { name: 'e1', address: '127.0.0.1', clusterName: 'test', dataDirectory: '/var/lib/etcd', sha256: 'a'.repeat(64), extraArgs: { 'heartbeat-interval': '100' } }
const textOf = (command: unknown): string => (typeof command === 'object' && command !== null && 'text' in command ? String(command.text) : '')

describe('the unit of a member', () => {
  const analyze = program('systemd-analyze')
  test.skipIf('missing' in analyze)('is understood by systemd, whatever stands in a flag', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ts-play-unit-'))
    try {
      const unit = etcdUnit({ ...settings, extraArgs: { 'experimental': '100% "sure" $HOME' } }).replace(/^ExecStart=\S+/m, 'ExecStart=/bin/true').replace(/^(User|Group)=etcd/gm, '$1=root')
      writeFileSync(join(folder, 'etcd.service'), unit)
      const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', join(folder, 'etcd.service')], { encoding: 'utf8' })
      expect(stderr).not.toMatch(/etcd\.service/)
      expect(status).toBe(0)
      expect(unit).toContain('"--experimental=100%% \\"sure\\" $$HOME"')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
  test('starts only with its data, or with what its first start needs', () => {
    expect(etcdUnit(settings)).toMatch(/^AssertPathExists=\|\/var\/lib\/etcd\/member\nAssertPathExists=\|\/etc\/etcd\/initial\.env$/m)
    expect(etcdUnit(settings)).not.toContain('initial-cluster')
  })
  test('flags of the inventory win', () => {
    expect(etcdUnit({ ...settings, extraArgs: { 'quota-backend-bytes': '1' } })).toMatch(/--quota-backend-bytes=1$/m)
    expect(etcdUnit({ ...settings, extraArgs: { 'quota-backend-bytes': '1' } }).match(/quota/g)).toHaveLength(1)
  })
})

/** The lab builds it; without it there is nothing to ask. */
const etcd = binFolder('etcd', versions.etcd)

describe.skipIf(!existsSync(join(etcd, 'server')) || 'missing' in program('openssl'))('etcd itself, with our flags and certificates', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ts-play-etcd-'))
  const pki = join(folder, 'pki')
  const port = 20_000 + (process.pid % 20_000)
  const here = (text: string): string => text.replaceAll('/etc/etcd/pki', pki).replaceAll('/var/lib/etcd', join(folder, 'data')).replaceAll(':2379', `:${port}`).replaceAll(':2380', `:${port + 1}`).replaceAll(':2381', `:${port + 2}`)
  const run = (script: string) => spawnSync('sh', ['-euc', `chgrp() { :; }\n${here(script)}`], { encoding: 'utf8' })
  const issue = (kind: 'server' | 'peer' | 'client', renewBefore = 90, address = '127.0.0.1') => specOf([issueCertificate({ kind, host: 'e1', address, days: 365, renewBefore })], 'command', `certificate for ${kind}`)
  const ctl = (...words: readonly string[]) => spawnSync(join(etcd, 'etcdctl'), ['--endpoints', `https://127.0.0.1:${port}`, '--cacert', `${pki}/ca.crt`, ...words], { encoding: 'utf8' })
  const client = ['--cert', `${pki}/client.crt`, '--key', `${pki}/client.key`]
  const served = (): string => spawnSync('sh', ['-c', `echo | openssl s_client -connect 127.0.0.1:${port} -cert ${pki}/client.crt -key ${pki}/client.key 2>/dev/null | openssl x509 -noout -serial`], { encoding: 'utf8' }).stdout.trim()
  let member: ChildProcess

  beforeAll(async () => {
    mkdirSync(pki, { recursive: true })
    const authority = itemsOf(etcdAuthority, { host: { name: 'e1', address: '127.0.0.1' }, inputs: { sightings: new Map([['e1', { data: false, attempt: false, ca: undefined, signs: false, members: undefined }]]), members: [{ name: 'e1', address: '127.0.0.1', vars: {} }] } })
    expect(run(textOf(specOf(authority, 'command', 'make etcd’s certificate authority')['run'])).stderr).toBe('')
    for (const kind of ['server', 'peer', 'client'] as const) expect(run(textOf(issue(kind)['run'])).stderr).toBe('')
    const flags = [...here(etcdUnit(settings)).matchAll(/^ {2}(--\S+)/gm)].flatMap(([, flag]) => (flag === undefined ? [] : [flag.replace(new RegExp(`,https://127.0.0.1:${port}$`), '')]))
    member = spawn(join(etcd, 'server'), flags, { stdio: 'ignore', env: { ETCD_INITIAL_CLUSTER: `e1=https://127.0.0.1:${port + 1}`, ETCD_INITIAL_CLUSTER_TOKEN: 't', ETCD_INITIAL_CLUSTER_STATE: 'new' } })
    for (let tries = 0; tries < 200 && ctl(...client, 'endpoint', 'health').status !== 0; tries++) await new Promise(resolve => setTimeout(resolve, 100))
  }, 60_000)
  afterAll(() => {
    member?.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  test('takes them all, and lets nobody in without a certificate', () => {
    expect(ctl(...client, 'endpoint', 'health').status).toBe(0)
    expect(ctl('endpoint', 'health').status).not.toBe(0)
    expect(ctl(...client, 'member', 'list').stdout).toMatch(new RegExp(`, started, e1, https://127.0.0.1:${port + 1}, https://127.0.0.1:${port}, false`))
  })
  test('a certificate is as it should be until it ends soon or is for another address', () => {
    for (const kind of ['server', 'peer', 'client'] as const) expect(run(textOf(issue(kind)['unless'])).status, kind).toBe(0)
    expect(run(textOf(issue('server', 366)['unless'])).status).not.toBe(0)
    expect(run(textOf(issue('server', 90, '10.9.9.9')['unless'])).status).not.toBe(0)
  })
  test('a renewed one is served at once, by the same process', () => {
    const before = served()
    expect(before).toMatch(/^serial=[0-9A-F]+$/)
    for (const kind of ['server', 'peer', 'client'] as const) expect(run(textOf(issue(kind)['run'])).stderr).toBe('')
    expect(served()).not.toBe(before)
    expect(ctl(...client, 'endpoint', 'health').status).toBe(0)
    expect(member.exitCode).toBeNull()
  })
})
