import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { haproxyCfg } from '../../../roles/kubernetes/haproxy.ts'
import { program } from '../support/shell.ts'

const balancing = {
  apiPort: 6443,
  bindAddress: '10.0.0.100',
  healthPort: 8404,
  backends: [{ name: 'cp1', address: '10.0.0.21', port: 6443 }, { name: 'cp2', address: '10.0.0.22', port: 6443 }],
}
const cfg = haproxyCfg(balancing)

test('haproxy.cfg reads', () => {
  expect(cfg).toMatchInlineSnapshot(`
    "# Written by ts-play; changes are overwritten.
    global
      log stdout format raw local0 notice
      maxconn 4096

    defaults
      mode tcp
      log global
      option dontlognull
      option clitcpka
      option srvtcpka
      retries 3
      option redispatch 1
      timeout connect 3s
      timeout check 2s
      timeout client 24h
      timeout server 24h
      timeout tunnel 24h

    frontend api
      bind 10.0.0.100:6443
      use_backend apiservers if { nbsrv(apiservers) gt 0 }
      default_backend unwell

    backend apiservers
      balance leastconn
      option httpchk
      http-check connect ssl alpn http/1.1
      http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host kubernetes
      http-check expect status 200
      default-server check verify none inter 1s downinter 1s fall 3 rise 1 on-marked-down shutdown-sessions
      server cp1 10.0.0.21:6443
      server cp2 10.0.0.22:6443

    backend unwell
      balance roundrobin
      server cp1 10.0.0.21:6443
      server cp2 10.0.0.22:6443

    frontend health
      mode http
      bind 127.0.0.1:8404
      timeout client 5s
      monitor-uri /healthz
      acl nobody-to-send-to nbsrv(apiservers) lt 1
      monitor fail if nobody-to-send-to
      http-request return status 200 if { path /alive }
      http-request deny
    "
  `)
})

const haproxy = program('haproxy')
test.skipIf('missing' in haproxy).each([
  ['a floating address', cfg],
  ['a node’s loopback', haproxyCfg({ ...balancing, apiPort: 6444, bindAddress: '127.0.0.1' })],
])(`haproxy takes that of %s${'missing' in haproxy ? ` (skipped: ${haproxy.missing})` : ''}`, (_, content) => {
  const folder = mkdtempSync(join(tmpdir(), 'ts-play-haproxy-'))
  writeFileSync(join(folder, 'haproxy.cfg'), content)
  const { status, stdout, stderr } = spawnSync('path' in haproxy ? haproxy.path : '', ['-c', '-f', join(folder, 'haproxy.cfg')], { encoding: 'utf8' })
  rmSync(folder, { recursive: true })
  expect({ status, warnings: (stdout + stderr).split('\n').filter(line => line.includes('[WARNING]') || line.includes('[ALERT]')) }).toEqual({ status: 0, warnings: [] })
})
