import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { easeCiphers } from '../../engine/connection/ease-ciphers.ts'
import { isFailure } from '../../engine/connection/failure.ts'
import { createPool } from '../../engine/connection/pool.ts'
import { ssh2Connect } from '../../engine/connection/ssh2-connection.ts'
import { announceSkip } from './machine.ts'
import { target } from './open.ts'
import { sshd, sshdRefusal } from './sshd.ts'

if (sshdRefusal !== undefined) announceSkip('keys of ssh2 ciphers', sshdRefusal)

it.skipIf(sshdRefusal !== undefined)('ssh2 encrypts and decrypts with key objects, also with new keys: a version of it that keeps them elsewhere is noticed here', { timeout: 60_000 }, async () => {
  const server = await sshd({ config: 'RekeyLimit 1M' })
  const connection = await ssh2Connect(target({ name: 'h1', port: server.port, privateKeyFile: server.key, knownHostsFiles: [server.knownHosts] }), { pool: createPool() })
  if (isFailure(connection)) throw new Error(connection.message)
  const { client } = connection
  const keys = (): readonly unknown[] => {
    const protocol = Reflect.get(client, '_protocol')
    return [protocol._cipher._encKey, protocol._decipher._decipherKey]
  }
  const before = keys()
  expect(before).toMatchObject([{ type: 'secret', symmetricKeySize: 16 }, { type: 'secret', symmetricKeySize: 16 }])
  const bytes = randomBytes(8 << 20)
  const came: Buffer[] = []
  await new Promise<void>((resolve, reject) => client.exec('cat', (error, stream) => {
    if (error) return reject(error)
    stream.on('data', (chunk: Buffer) => came.push(chunk))
    void once(stream, 'close').then(() => resolve(), reject)
    stream.end(bytes)
  }))
  expect(Buffer.concat(came).equals(bytes)).toBe(true)
  const after = keys()
  expect(after).toMatchObject([{ type: 'secret' }, { type: 'secret' }])
  expect(after[0]).not.toBe(before[0])
  await connection.close()
  await server.remove()
})

it('what is not as expected is left alone', () => {
  for (const client of [{}, { _protocol: undefined }, { _protocol: { _cipher: null, _decipher: {} } }, { _protocol: { _cipher: { _encKey: 'text' } } }]) {
    const before = structuredClone(client)
    easeCiphers(client)
    expect(client).toEqual(before)
  }
})
