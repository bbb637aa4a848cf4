import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sh } from '../../engine/model/command.ts'
import { Secret } from '../../engine/model/secret.ts'
import type { Task } from '../../engine/model/task.ts'
import { command } from '../../engine/resources/command.ts'
import { group } from '../../engine/resources/group.ts'
import { kernelModule } from '../../engine/resources/kernel-module.ts'
import { service } from '../../engine/resources/service.ts'
import { swap } from '../../engine/resources/swap.ts'
import { sysctl } from '../../engine/resources/sysctl.ts'
import { systemdUnit } from '../../engine/resources/systemd-unit.ts'
import { user } from '../../engine/resources/user.ts'
import { waitFor } from '../../engine/resources/wait-for.ts'
import { converge, differences, failure, labHost, seen, writtenBy, type LabHost } from '../resources/support/lab-host.ts'
import { openLab, type Lab } from './lab.ts'
import { requireLab } from './require-lab.ts'

const unit = '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n'
const calm = systemdUnit({ name: 'calm', content: unit })
const nice = systemdUnit({ name: 'calm', dropIn: '10-nice', content: '[Service]\nNice=5\n' })
const running = service({ name: 'calm', state: 'running', enabled: true })
const forward = sysctl({ key: 'net.ipv4.ip_forward', value: 1 })
const ports = sysctl({ key: 'net.ipv4.ip_local_port_range', value: '20000 60999', file: '/etc/sysctl.d/50-ports.conf' })
const etcd = group({ name: 'etcd', gid: 871 })
const alice = user({ name: 'alice', uid: 1700, group: 'etcd', groups: ['sudo'], home: '/srv/alice', shell: '/bin/bash', password: new Secret('$6$salt$hash') })

/** What is brought about in this order, and how each attribute drifts: the command, and what the plan has to say then. */
const cases: readonly (readonly [what: string, task: Task, differs: readonly string[], drifts: readonly (readonly [string, readonly string[]])[]])[] = [
  ['a unit', calm, ['content', 'mode', 'owner', 'group'], [
    ['chmod 600 /etc/systemd/system/calm.service', ['mode']],
    ['chown ops /etc/systemd/system/calm.service', ['owner']],
    ['chgrp ops /etc/systemd/system/calm.service', ['group']],
    ['echo >>/etc/systemd/system/calm.service; systemctl daemon-reload', ['content']],
  ]],
  ['a service', running, ['enabled', 'state'], [
    ['systemctl stop calm', ['state']],
    ['systemctl disable calm', ['enabled']],
    ['systemctl kill -s KILL calm; sleep 0.5', ['state']],
  ]],
  ['a drop-in of a running unit', nice, ['content', 'mode', 'owner', 'group'], [
    ['touch /etc/systemd/system/calm.service.d/10-nice.conf', ['daemon-reload']],
    ['rm /etc/systemd/system/calm.service.d/10-nice.conf; systemctl daemon-reload', ['content', 'mode', 'owner', 'group']],
  ]],
  ['a drop-in that has to go', systemdUnit({ name: 'calm', dropIn: '10-nice', state: 'absent' }), ['state'], []],
  ['a kernel parameter', forward, ['live', 'persisted'], [
    ['echo 0 >/proc/sys/net/ipv4/ip_forward', ['live']],
    ['rm /etc/sysctl.d/99-ts-play.conf', ['persisted']],
    ['echo "net/ipv4/ip_forward=0" >>/etc/sysctl.d/99-ts-play.conf', ['persisted']],
  ]],
  ['a kernel parameter of two numbers, in a file of others', ports, ['live', 'persisted'], [
    ['echo "1024 60999" >/proc/sys/net/ipv4/ip_local_port_range', ['live']],
    ['sed -i "s/20000/1024/; 1i # kept" /etc/sysctl.d/50-ports.conf', ['persisted']],
  ]],
  ['a kernel parameter to raise', sysctl({ key: 'net.core.somaxconn', value: 5000, atLeast: true }), ['live', 'persisted'], [
    ['echo 4096 >/proc/sys/net/core/somaxconn', ['live']],
    ['echo 6000 >/proc/sys/net/core/somaxconn; rm -f /etc/sysctl.d/99-ts-play.conf', []],
  ]],
  ['a group', etcd, ['state', 'gid'], [['groupmod -g 900 etcd', ['gid']]]],
  ['a user', alice, ['state', 'uid', 'group', 'groups', 'home', 'shell', 'password'], [
    ['usermod -u 1800 alice', ['uid']],
    ['usermod -g ops alice', ['group']],
    ['gpasswd -d alice sudo', ['groups']],
    ['usermod -d /nowhere alice', ['home']],
    ['rm -r /srv/alice', ['home directory']],
    ['usermod -s /bin/sh alice', ['shell']],
    ['usermod -p "*" alice', ['password']],
  ]],
  ['a user who has to go', user({ name: 'alice', state: 'absent' }), ['state'], []],
  ['a command with a guard', command({ run: sh`echo made >/srv/made`, unless: sh`grep -q made /srv/made` }), ['unless'], [['rm /srv/made', ['unless']]]],
  ['no swap', swap({ state: 'off' }), [], [
    ['printf "/swap.img none swap sw 0 0\\nproc /x proc noauto 0 0\\n" >>/etc/fstab; chmod 600 /etc/fstab', ['fstab']],
    ['printf "[Swap]\\nWhat=/swap.img\\n[Install]\\nWantedBy=swap.target\\n" >/usr/lib/systemd/system/swap.img.swap; systemctl enable swap.img.swap', ['units']],
  ]],
]

describe.skipIf(requireLab())('resources on a real host', () => {
  let lab: Lab
  let host: LabHost
  beforeAll(async () => {
    lab = await openLab()
    await lab.up('h1')
    host = labHost(lab, 'h1')
    // What a boot still writes is not ours.
    await host.sh('systemctl is-system-running --wait; sleep 2')
  })
  afterAll(async () => {
    await host?.close()
    await lab?.down()
  })

  test.each(cases)('%s', async (_, task, differs, drifts) => {
    expect.soft(await writtenBy(host, async () => expect(await differences(host, task)).toEqual(differs)), 'looking writes nothing').toEqual([])
    expect(await converge(host, task)).toEqual(differs)
    expect.soft(await writtenBy(host, async () => expect(await converge(host, task)).toEqual([])), 'once more changes nothing').toEqual([])
    for (const [drift, shown] of drifts) {
      await host.sh(drift)
      expect(await converge(host, task), drift).toEqual(shown)
    }
  })

  test('comments and lines of others stay where a file is shared', async () => {
    expect(await host.sh('cat /etc/sysctl.d/50-ports.conf')).toBe('# kept\n# kernel parameters set by ts-play\nnet.ipv4.ip_local_port_range = 20000 60999\n')
    expect(await host.sh('tail -2 /etc/fstab; stat -c %a /etc/fstab')).toBe('# swap is off (ts-play): /swap.img none swap sw 0 0\nproc /x proc noauto 0 0\n600\n')
  })

  test('swap of this machine was not touched', () => expect(readFileSync('/proc/swaps', 'utf8').trim().split('\n')).toHaveLength(1))

  describe('a service', () => {
    const start = (name: string) => service({ name, state: 'running' })
    test('that starts again and again fails with its journal', async () => {
      await converge(host, systemdUnit({ name: 'boom', content: '[Service]\nExecStart=/bin/sh -c "echo no such thing; exit 3"\nRestart=always\nRestartSec=100ms\n[Unit]\nStartLimitIntervalSec=0\n' }))
      const said = await failure(host, start('boom'))
      expect(said).toMatch(/^boom\.service (is activating \(auto-restart\) after its start|starts again and again); the last lines of its journal:\n/)
      expect(said).toContain('no such thing')
      expect(said.trim().split('\n').length).toBeLessThanOrEqual(21)
      expect(await converge(host, service({ name: 'boom', state: 'stopped' }))).toEqual(['state'])
    })

    test('that fails at its start fails with its journal', async () => {
      await converge(host, systemdUnit({ name: 'sour', content: '[Service]\nType=notify\nExecStart=/bin/sh -c "echo bad configuration; exit 1"\n' }))
      expect(await failure(host, start('sour'))).toMatch(/^Job for sour\.service failed[^]*did not start[^]*bad configuration/)
    })

    test('that does not exist, or is no lasting one, says so', async () => {
      expect(await failure(host, start('nothing'))).toContain('Unit nothing.service not found')
      await converge(host, systemdUnit({ name: 'once', content: '[Service]\nType=oneshot\nExecStart=/bin/true\n' }))
      expect(await failure(host, start('once'))).toContain('oneshot unit without RemainAfterExit')
    })

    test('that cannot reload says so, and a restart gives it new processes', async () => {
      await converge(host, running)
      expect(await failure(host, service({ name: 'calm', state: 'reloaded' }))).toContain('Job type reload is not applicable')
      const pid = await host.sh('systemctl show -p MainPID calm')
      const restart = await seen(host, service({ name: 'calm', state: 'restarted' }))
      expect(await host.apply(running, restart.apply())).toMatchObject({ status: 0 })
      expect(await host.sh('systemctl show -p MainPID calm')).not.toBe(pid)
      expect(await differences(host, running)).toEqual([])
    })

    test('can be masked and unmasked', async () => {
      const timer = (masked: boolean) => service({ name: 'systemd-tmpfiles-clean.timer', masked, ...(masked ? { state: 'stopped' } : { state: 'running' }) })
      expect(await converge(host, timer(true))).toEqual(['masked', 'state'])
      expect(await failure(host, service({ name: 'systemd-tmpfiles-clean.timer', state: 'running' }))).toContain('is masked')
      expect(await converge(host, timer(false))).toEqual(['masked', 'state'])
    })
  })

  test('a unit that systemd does not understand fails, and stays a difference', async () => {
    const bad = systemdUnit({ name: 'bad', content: '[Service]\nType=simple\n' })
    expect(await failure(host, bad)).toContain('Service has no ExecStart=')
    expect(await differences(host, bad)).toEqual(['load'])
    expect(await converge(host, systemdUnit({ name: 'bad', state: 'absent' }))).toEqual(['state'])
  })

  test('a kernel parameter that a later file sets otherwise does not converge', async () => {
    await host.sh('echo net.ipv4.ip_forward=0 >/etc/sysctl.d/zz.conf')
    await host.apply(forward, (await seen(host, forward)).apply())
    expect(await differences(host, forward)).toEqual(['persisted'])
    await host.sh('rm /etc/sysctl.d/zz.conf')
    expect(await differences(host, forward)).toEqual([])
    expect(await failure(host, sysctl({ key: 'net.nope.x', value: 1 }))).toContain('this kernel has no net.nope.x')
  })

  test('a module that is built in counts, one that is not there fails and is not persisted', async () => {
    expect(await differences(host, kernelModule({ name: 'overlay' }))).toEqual([])
    expect(await failure(host, kernelModule({ name: 'nosuchmodule' }))).toContain('nosuchmodule')
    expect(await host.sh('ls /etc/modules-load.d')).not.toContain('nosuchmodule')
  })

  test('waiting ends when a port opens', async () => {
    const open = waitFor({ port: 4711, timeout: 60_000, every: 200 })
    const look = await seen(host, open)
    expect(look.changes).toEqual([{ effect: 'waits', attribute: 'port 4711 is open' }])
    await host.sh(`systemd-run --quiet sh -c 'sleep 1; exec /usr/sbin/sshd -D -p 4711'`)
    expect(await host.apply(open, look.apply())).toMatchObject({ status: 0 })
    expect(await differences(host, open)).toEqual([])
  })

  test('killed at any moment, a second run converges', async () => {
    for (const seconds of [0.01, 0.02, 0.04, 0.08, 0.15]) {
      await host.sh('rm -rf /etc/systemd/system/calm.service /etc/sysctl.d/99-ts-play.conf; systemctl daemon-reload; userdel -f alice 2>/dev/null; groupdel etcd || :')
      for (const task of [calm, running, forward, etcd, alice]) {
        const look = await seen(host, task)
        if (look.changes.length > 0) await host.applyAndKill(task, look.apply(), { seconds })
        await converge(host, task)
      }
      expect(await host.sh('cat /etc/systemd/system/calm.service')).toBe(unit)
      // An empty folder may outlive a kill right after the rename, when the second run has nothing to do.
      expect(await host.sh('find /etc -path "*/.ts-play*" -type f')).toBe('')
    }
  })
})
