import { describe, expect, it } from 'vitest'
import { stopKeepalives } from '../../engine/connection/keepalives.ts'
import { loginAhead } from '../../engine/connection/login-ahead.ts'
import { signAtOnce } from '../../engine/connection/sign-at-once.ts'

/** ssh2's parts that the two look at, and what they were told, in order. */
function client() {
  const told: unknown[] = []
  const tell = (name: string) => (...words: readonly unknown[]): void => void told.push([name, ...words.filter(word => typeof word !== 'object')])
  const protocol = { service: tell('service'), authPK: tell('authPK'), _handlers: { SERVICE_ACCEPT: tell('login'), EXT_INFO: tell('extensions') } }
  return { told, protocol, client: { _protocol: protocol } }
}

describe('a login', () => {
  it('is asked for when the service was asked for and the host’s extensions are known, and not again when it is granted', () => {
    const { told, protocol, client: made } = client()
    loginAhead(made)
    protocol.service('ssh-userauth')
    expect(told).toEqual([['service', 'ssh-userauth']])
    protocol._handlers.EXT_INFO(protocol, [])
    protocol._handlers.SERVICE_ACCEPT(protocol, 'ssh-userauth')
    // Some tell of extensions once more, at the end of a login.
    protocol._handlers.EXT_INFO(protocol, [])
    expect(told).toEqual([['service', 'ssh-userauth'], ['extensions'], ['login', 'ssh-userauth'], ['extensions']])
  })

  it('waits for a host that tells of no extensions, and for one that tells them before it is who it should be', () => {
    const [silent, quick] = [client(), client()]
    for (const { client: made } of [silent, quick]) loginAhead(made)
    silent.protocol.service('ssh-userauth')
    silent.protocol._handlers.SERVICE_ACCEPT(silent.protocol, 'ssh-userauth')
    expect(silent.told).toEqual([['service', 'ssh-userauth'], ['login', 'ssh-userauth']])
    quick.protocol._handlers.EXT_INFO(quick.protocol, [])
    expect(quick.told).toEqual([['extensions']])
    quick.protocol.service('ssh-userauth')
    expect(quick.told).toEqual([['extensions'], ['service', 'ssh-userauth'], ['login', 'ssh-userauth']])
  })
})

describe('a key', () => {
  const key = (signature: unknown, isPrivate = true) => ({ isPrivateKey: () => isPrivate, sign: (data: unknown, hash: unknown) => (signature === 'its words' ? Buffer.from(`${String(data)} ${String(hash)}`) : signature) })

  it.each([['rsa-sha2-256', 'sha256'], ['rsa-sha2-512', 'sha512'], ['ssh-rsa', 'sha1'], [undefined, 'undefined']])('that signs as %s does so by %s', (algorithm, hash) => {
    const sent: unknown[] = []
    const made = { _protocol: { authPK: (_user: string, _key: unknown, _algorithm: unknown, sign?: (data: unknown, send: (signature: Buffer) => void) => void) => sign?.('data', signature => sent.push(signature.toString())) } }
    signAtOnce(made)
    made._protocol.authPK('root', key('its words'), algorithm)
    expect(sent).toEqual([`data ${hash}`])
  })

  it('that cannot sign, is an agent’s or has somebody who signs is offered as before', () => {
    const calls: unknown[] = []
    const made = { _protocol: { authPK: (_user: string, _key: unknown, _algorithm: unknown, sign?: (data: unknown, send: () => void) => void) => {
      calls.push(typeof sign)
      sign?.('data', () => calls.push('sent'))
    } } }
    signAtOnce(made)
    made._protocol.authPK('root', key(new Error('no')), 'rsa-sha2-256')
    expect(calls.splice(0)).toEqual(['function', 'undefined'])
    made._protocol.authPK('root', key('its words', false), 'rsa-sha2-256')
    made._protocol.authPK('root', Buffer.from('key'), undefined)
    expect(calls.splice(0)).toEqual(['undefined', 'undefined'])
    made._protocol.authPK('root', key('its words'), 'rsa-sha2-256', (_data, send) => send())
    expect(calls).toEqual(['function', 'sent'])
  })
})

it('what is not as expected is left alone', () => {
  for (const made of [{}, { _protocol: undefined }, { _protocol: { _handlers: null, authPK: 'text' } }, { _protocol: { _handlers: { SERVICE_ACCEPT: 1 }, service: undefined } }]) {
    const before = structuredClone(made)
    for (const change of [loginAhead, signAtOnce]) change(made)
    expect(stopKeepalives(made)).toBe(false)
    expect(made).toEqual(before)
  }
})
