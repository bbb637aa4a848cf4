import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { entriesFor, hostKeyAlgorithms, judgeHostKey, unknownHost } from '../../engine/connection/host-key.ts'
import { appendKnownHost, fingerprint, keyTypeOf, knownName, matches, parseKnownHosts, readKnownHosts } from '../../engine/connection/known-hosts.ts'
import { announceSkip, has } from './machine.ts'

const folder = mkdtempSync(join(tmpdir(), 'ts-play-known-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A public key blob of a type: enough for lines and fingerprints. */
function key(type: string, fill: number): Buffer {
  const name = Buffer.from(type)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(name.length)
  return Buffer.concat([length, name, Buffer.alloc(36, fill)])
}
const ed = key('ssh-ed25519', 1)
const other = key('ssh-ed25519', 2)
const rsa = key('ssh-rsa', 3)
const line = (hosts: string, blob: Buffer, marker = ''): string => `${marker}${marker && ' '}${hosts} ${keyTypeOf(blob)} ${blob.toString('base64')} a comment`
const entries = (...lines: string[]) => parseKnownHosts(lines.join('\n'), '/k')
const host = { label: 'cp1 (10.0.0.1:22)', address: '10.0.0.1', port: 22 }
const verdict = (lines: string[], blob: Buffer, where = host) => judgeHostKey(entries(...lines), where, blob)

describe('known_hosts', () => {
  it('trusts a key that is written down, among comments, other hosts and other keys', () => {
    expect(verdict(['# note', '', line('cp2', other), line('cp1,10.0.0.1', rsa), line('cp1,10.0.0.1', ed)], ed)).toEqual({ type: 'trusted' })
  })

  it('knows nothing of a host that no line names', () => {
    expect(verdict([line('10.0.0.2', ed), 'garbage', '10.0.0.1', '10.0.0.1 ssh-ed25519', '10.0.0.1 ssh-ed25519 not*base64'], ed)).toEqual({ type: 'unknown' })
  })

  it('refuses a changed key with both fingerprints and the place of the old one', () => {
    const found = verdict([line('10.0.0.1', other)], ed)
    expect(found.type).toBe('refused')
    const message = found.type === 'refused' ? found.failure.message : ''
    expect(message).toContain(fingerprint(ed))
    expect(message).toContain(fingerprint(other))
    expect(message).toContain('/k:1')
    expect(found).toMatchObject({ failure: { reason: 'host-key', remedy: expect.stringContaining("ssh-keygen -R '10.0.0.1'") } })
  })

  it('takes a key of another type than the known one for a changed one', () => {
    expect(verdict([line('10.0.0.1', rsa)], ed)).toMatchObject({ type: 'refused', failure: { message: expect.stringContaining('RSA key') } })
  })

  it('refuses a revoked key, also where the same key is written down as good', () => {
    expect(verdict([line('10.0.0.1', ed), line('*', ed, '@revoked')], ed)).toMatchObject({ type: 'refused', failure: { message: expect.stringMatching(/revoked.*\/k:2/) } })
    expect(verdict([line('10.0.0.1', ed), line('*', other, '@revoked')], ed)).toEqual({ type: 'trusted' })
  })

  it('says that it cannot use a certificate authority, and still trusts a plain key beside it', () => {
    expect(verdict([line('*.0.0.1', other, '@cert-authority')], ed)).toMatchObject({ type: 'refused', failure: { message: expect.stringContaining('host certificates are not supported by this transport') } })
    expect(verdict([line('*.0.0.1', other, '@cert-authority'), line('10.0.0.1', ed)], ed)).toEqual({ type: 'trusted' })
    expect(verdict([line('10.0.0.1', ed, '@unheard-of')], ed)).toEqual({ type: 'unknown' })
  })

  it('knows a port of its own by [host]:port, and takes the plain name only for a key that matches', () => {
    const where = { ...host, port: 2222 }
    expect(verdict([line('[10.0.0.1]:2222', ed)], ed, where)).toEqual({ type: 'trusted' })
    expect(verdict([line('10.0.0.1', ed)], ed, where)).toEqual({ type: 'trusted' })
    expect(verdict([line('10.0.0.1', other)], ed, where)).toEqual({ type: 'unknown' })
    expect(verdict([line('[10.0.0.1]:2222', other), line('10.0.0.1', ed)], ed, where)).toMatchObject({ type: 'refused' })
    expect(verdict([line('[10.0.0.1]:2222', ed)], ed)).toEqual({ type: 'unknown' })
  })

  it('understands wildcards and negation', () => {
    expect(matches('*.example.com,!bad.example.com', 'a.example.com')).toBe(true)
    expect(matches('*.example.com,!bad.example.com', 'bad.example.com')).toBe(false)
    expect(matches('10.0.0.?', '10.0.0.7')).toBe(true)
    expect(matches('10.0.0.?', '10.0.0.77')).toBe(false)
    expect(matches('HOST', 'host')).toBe(true)
    expect(matches('[*]:2222', '[h]:2222')).toBe(true)
  })

  it('matches patterns as the obvious regular expression does, and in no time where that explodes', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', '*', '?', '.'), { maxLength: 8 }), fc.array(fc.constantFrom('a', 'b', '.'), { maxLength: 8 }), (pattern, text) => {
        const expression = new RegExp(`^${pattern.map(mark => (mark === '*' ? '.*' : mark === '?' ? '.' : mark === '.' ? '\\.' : mark)).join('')}$`)
        expect(matches(pattern.join(''), text.join(''))).toBe(expression.test(text.join('')))
      }),
      { verbose: 1 },
    )
    expect(matches(`${'*a'.repeat(60)}b`, 'a'.repeat(5000))).toBe(false)
  })

  it('offers the algorithms of known keys first, and never SHA-1', () => {
    const order = (...lines: string[]) => hostKeyAlgorithms(entries(...lines), host)
    expect(order(line('10.0.0.1', rsa)).slice(0, 2)).toEqual(['rsa-sha2-512', 'rsa-sha2-256'])
    expect(order()[0]).toBe('ssh-ed25519')
    expect(order(line('10.0.0.1', rsa))).not.toContain('ssh-rsa')
    expect(new Set(order(line('10.0.0.1', rsa)))).toEqual(new Set(order()))
  })

  it('reads several files, takes a missing one for empty, and appends to the first with mode 0600', async () => {
    const [first, second] = [join(folder, 'new/known_hosts'), join(folder, 'second')]
    writeFileSync(second, line('10.0.0.9', other))
    expect(await readKnownHosts([first, second])).toHaveLength(1)
    await appendKnownHost(first, knownName('10.0.0.1', 22), ed)
    await appendKnownHost(first, knownName('fe80::1', 2222), other)
    expect(statSync(first).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'new')).mode & 0o777).toBe(0o700)
    const found = await readKnownHosts([first, second])
    expect(entriesFor(found, { address: '10.0.0.1', port: 22 }).own.map(entry => entry.key)).toEqual([ed])
    expect(entriesFor(found, { address: 'FE80::1', port: 2222 }).own.map(entry => entry.key)).toEqual([other])
  })

  it('ends a last line without a line break before it appends', async () => {
    const file = join(folder, 'unended')
    writeFileSync(file, line('a', ed))
    await appendKnownHost(file, 'b', other)
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(2)
  })

  it('tells the fingerprint, the file and the next step for an unknown host', () => {
    expect(unknownHost({ ...host, port: 2222, files: ['/k'] }, ed)).toMatchObject({
      reason: 'host-key',
      message: expect.stringMatching(/SHA256:[A-Za-z0-9+/]{43}, and \/k has no line for \[10\.0\.0\.1\]:2222/),
      remedy: expect.stringMatching(/ssh-keyscan -p 2222 10\.0\.0\.1 >> \/k.*--accept-new/),
    })
  })

  const keygen = has('ssh-keygen')
  if (!keygen) announceSkip('known_hosts against ssh-keygen', 'ssh-keygen is not installed')
  it.skipIf(!keygen)('agrees with ssh-keygen on fingerprints and hashed names', async () => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'id')])
    const [type, encoded = ''] = readFileSync(join(folder, 'id.pub'), 'utf8').split(' ')
    const file = join(folder, 'hashed')
    writeFileSync(file, `10.0.0.1 ${type} ${encoded}\n[10.0.0.1]:2222 ${type} ${encoded}\n`)
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' })
    expect(readFileSync(file, 'utf8')).toMatch(/^\|1\|/)
    const found = await readKnownHosts([file])
    const blob = Buffer.from(encoded, 'base64')
    expect(entriesFor(found, host).own).toHaveLength(1)
    expect(entriesFor(found, { ...host, port: 2222 }).own).toHaveLength(1)
    expect(entriesFor(found, { ...host, address: '10.0.0.2' }).own).toHaveLength(0)
    expect(execFileSync('ssh-keygen', ['-l', '-f', join(folder, 'id.pub')], { encoding: 'utf8' })).toContain(fingerprint(blob))
  })
})
