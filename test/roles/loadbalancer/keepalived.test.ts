import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Secret, secret } from '../../../engine/index.ts'
import { failsOver, keepalivedConf, keepalivedDropIn, preference, priorityOf, type Floating } from '../../../roles/loadbalancer/keepalived.ts'
import { program } from '../support/shell.ts'

const floating: Floating = {
  name: 'lb2',
  interface: 'ens3',
  vip: '10.0.0.100',
  routerId: 51,
  addresses: ['10.0.0.11', '10.0.0.12'],
  ownAddress: '10.0.0.12',
  password: secret`sesame`,
  healthPort: 8404,
}
const conf = (changes: Partial<Floating> = {}): string => Secret.reveal(keepalivedConf({ ...floating, ...changes }))

describe('an unhealthy holder loses the address', () => {
  // Priorities 150 and 100, measured with keepalived 2.2.7 between two network namespaces: see ha.md, section 1.2.
  test.each([
    { step: 50, weight: 0, preempt: false, moves: true },
    { step: 50, weight: 0, preempt: true, moves: true },
    { step: 50, weight: -60, preempt: true, moves: true },
    { step: 50, weight: -60, preempt: false, moves: false },
    { step: 50, weight: -2, preempt: true, moves: false },
    { step: 50, weight: -2, preempt: false, moves: false },
    { step: 50, weight: -50, preempt: true, moves: false },
    { step: 50, weight: 60, preempt: true, moves: false },
  ])('step $step, weight $weight, preempt $preempt: $moves', ({ moves, ...combination }) => {
    expect(failsOver(combination)).toBe(moves)
  })
  test('ours does', () => {
    expect(failsOver(preference)).toBe(true)
    expect(conf()).toContain(`weight ${preference.weight}`)
    expect(conf().includes('nopreempt')).toBe(!preference.preempt)
  })
})

describe('priorities', () => {
  test('are distinct, above 0 and below 255', () => {
    const all = [...Array(25).keys()].map(index => priorityOf(index))
    expect(new Set(all).size).toBe(all.length)
    expect(all.every(priority => priority > 0 && priority < 255)).toBe(true)
  })
  test('end where they would not be any more', () => {
    expect(() => priorityOf(25)).toThrow('at most 25 balancers')
  })
})

describe('keepalived.conf', () => {
  test('reads', () => {
    expect(conf()).toMatchInlineSnapshot(`
      "# Written by ts-play; changes are overwritten.
      global_defs {
        router_id lb2
        enable_script_security
        script_user root
        vrrp_garp_master_refresh 60
      }

      vrrp_script haproxy {
        script "/usr/bin/curl -fsS --max-time 2 -o /dev/null http://127.0.0.1:8404/alive"
        interval 1
        timeout 2
        fall 2
        rise 2
        weight 0
      }

      # Longer than etcd takes to elect a leader: no API server is ready then, to any balancer, and if all let go nobody has the address.
      vrrp_script api {
        script "/usr/bin/curl -fsS --max-time 2 -o /dev/null http://127.0.0.1:8404/healthz"
        interval 1
        timeout 2
        fall 10
        rise 2
        weight 0
      }

      vrrp_instance api {
        state BACKUP
        nopreempt
        interface ens3
        virtual_router_id 51
        priority 240
        advert_int 1
        unicast_src_ip 10.0.0.12
        unicast_peer {
          10.0.0.11
        }
        authentication {
          auth_type PASS
          auth_pass sesame
        }
        virtual_ipaddress {
          10.0.0.100/32
        }
        track_script {
          haproxy
          api
        }
      }
      "
    `)
  })
  test('without a password it has no authentication, and it is a secret as a whole', () => {
    expect(conf({ password: undefined })).not.toContain('auth')
    expect(String(keepalivedConf(floating))).toBe('***')
  })

  const keepalived = program('keepalived')
  // keepalived wants an interface that exists.
  const real = Object.entries(networkInterfaces()).find(([, addresses]) => addresses?.some(address => !address.internal))?.[0]
  const reason = 'missing' in keepalived ? keepalived.missing : real === undefined ? 'no interface but the loopback' : ''
  test.skipIf(reason !== '').each([
    ['one of two', {}],
    ['the only one', { addresses: ['10.0.0.12'] }],
    ['one of three, without a password', { addresses: ['10.0.0.11', '10.0.0.12', '10.0.0.13'], password: undefined }],
  ])(`keepalived takes that of %s${reason === '' ? '' : ` (skipped: ${reason})`}`, (_, changes) => {
    const folder = mkdtempSync(join(tmpdir(), 'ts-play-keepalived-'))
    writeFileSync(join(folder, 'keepalived.conf'), conf({ interface: real ?? '', ...changes }))
    const { status, stderr } = spawnSync('path' in keepalived ? keepalived.path : '', ['-t', '-f', join(folder, 'keepalived.conf')], { encoding: 'utf8' })
    rmSync(folder, { recursive: true })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })
})

test('a keepalived that is killed comes back, and the address goes with it', () => {
  expect(keepalivedDropIn(floating)).toMatchInlineSnapshot(`
    "# Written by ts-play; changes are overwritten.
    [Service]
    Restart=always
    RestartSec=1
    ExecStopPost=-/sbin/ip address delete 10.0.0.100/32 dev ens3
    "
  `)
})
