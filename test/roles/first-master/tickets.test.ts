import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { Secret, secret } from '../../../engine/index.ts'
import { parsePki, parseToken, sharedPki, tokenId, tokenManifest } from '../../../roles/first-master/tickets.ts'

describe('a bootstrap token', () => {
  const token = secret`abcdef.0123456789abcdef`

  test('is named by its public half', () => {
    expect(tokenId(token)).toBe('abcdef')
  })
  test('lasts half an hour by the clock of the host, and may join nodes and nothing else', () => {
    const manifest: unknown = parse(Secret.reveal(tokenManifest(token, new Date('2026-11-23T10:00:00.123Z'))))
    expect(manifest).toMatchObject({
      metadata: { name: 'bootstrap-token-abcdef', namespace: 'kube-system' },
      type: 'bootstrap.kubernetes.io/token',
      stringData: { 'token-id': 'abcdef', 'token-secret': '0123456789abcdef', expiration: '2026-11-23T10:30:00Z', 'auth-extra-groups': 'system:bootstrappers:kubeadm:default-node-token' },
    })
  })
  test('a token of digits stays text', () => {
    expect(Secret.reveal(tokenManifest(secret`123456.1234567890123456`, new Date(0)))).toContain('token-id: "123456"')
  })
  test('what is none is refused without being repeated', () => {
    expect(() => parseToken('hunter2 and more')).toThrow(/^kubeadm token generate did not print a token$/)
    expect(String(parseToken('abcdef.0123456789abcdef\n'))).toBe('***')
  })
})

describe('the shared PKI', () => {
  const printed = sharedPki('stacked').map(path => `==> ${path}\n-----BEGIN X-----\n${path}\n-----END X-----\n`).join('')

  test('comes apart into its files', () => {
    const files = parsePki(printed, 'stacked')
    expect(files.map(({ path }) => path)).toEqual(sharedPki('stacked'))
    expect(files.map(({ content }) => Secret.reveal(content))).toEqual(sharedPki('stacked').map(path => `-----BEGIN X-----\n${path}\n-----END X-----\n`))
  })
  test('a missing or empty file is named', () => {
    expect(() => parsePki(printed.replace('-----BEGIN X-----\nsa.key', ''), 'stacked')).toThrow('/etc/kubernetes/pki lacks sa.key')
    expect(() => parsePki('', 'stacked')).toThrow(`lacks ${sharedPki('stacked').join(', ')}`)
  })
})
