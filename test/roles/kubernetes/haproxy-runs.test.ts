import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { haproxyCfg } from '../../../roles/kubernetes/haproxy.ts'
import { freePort } from '../../connection/sshd.ts'
import { program } from '../support/shell.ts'

const haproxy = program('haproxy')

/** A server that says its name to whoever comes; no check will call it well, as it speaks no TLS. */
async function serving(name: string): Promise<number> {
  const server = createServer(socket => socket.on('error', () => {}).end(name)).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return portOf(server.address())
}
function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('listens at no port')
  return address.port
}

/** What is said through the balancer; `undefined` where it does not listen yet. */
async function said(port: number): Promise<string | undefined> {
  const socket = connect(port, '127.0.0.1')
  let heard = ''
  socket.on('data', data => (heard += String(data)))
  return once(socket, 'close').then(() => heard, () => undefined)
}

test.skipIf('missing' in haproxy)(`where no server is well haproxy still sends to those that answer, and to none that refuses${'missing' in haproxy ? ` (skipped: ${haproxy.missing})` : ''}`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ts-play-haproxy-'))
  const [apiPort, healthPort, deaf] = [await freePort(), await freePort(), await freePort()]
  const address = '127.0.0.1'
  const backends = [{ name: 'cp1', address, port: deaf }, { name: 'cp2', address, port: await serving('cp2') }, { name: 'cp3', address, port: await serving('cp3') }]
  writeFileSync(join(folder, 'haproxy.cfg'), haproxyCfg({ apiPort, healthPort, bindAddress: address, backends }))
  const running = spawn('path' in haproxy ? haproxy.path : '', ['-db', '-f', join(folder, 'haproxy.cfg')], { stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  for (const stream of [running.stdout, running.stderr]) stream.on('data', data => (log += String(data)))
  onTestFinished(async () => {
    running.kill()
    if (running.exitCode === null && running.signalCode === null) await once(running, 'exit')
    rmSync(folder, { recursive: true })
  })

  while (!log.includes('backend \'apiservers\' has no server available')) await pause(20)
  const heard = await Promise.all(Array.from({ length: 12 }, () => said(apiPort)))
  expect(new Set(heard), log).toEqual(new Set(['cp2', 'cp3']))
  const answers = await Promise.all(['alive', 'healthz', 'anything'].map(async path => (await fetch(`http://127.0.0.1:${healthPort}/${path}`)).status))
  expect(answers, 'it works, has nobody to send to, and tells nothing else').toEqual([200, 503, 403])
})
