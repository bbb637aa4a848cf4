import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Secret } from '../../engine/model/secret.ts'
import type { Section } from '../../engine/model/session.ts'
import type { Task } from '../../engine/model/task.ts'
import { group } from '../../engine/resources/group.ts'
import { pkg } from '../../engine/resources/package.ts'
import { service } from '../../engine/resources/service.ts'
import { systemdUnit } from '../../engine/resources/systemd-unit.ts'
import { user } from '../../engine/resources/user.ts'
import { probeSection } from '../../engine/run/scope.ts'
import { converge, failure, labHost, type LabHost } from '../resources/support/lab-host.ts'
import { openLab, type Lab } from './lab.ts'
import { requireLab } from './require-lab.ts'

const unit = '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n'

describe.skipIf(requireLab())('services on a real host', () => {
  let lab: Lab
  let host: LabHost
  beforeAll(async () => {
    lab = await openLab()
    await lab.up('h1')
    host = labHost(lab, 'h1')
  })
  afterAll(async () => {
    await host?.close()
    await lab?.down()
  })

  describe('a service that is enabled', () => {
    const wanted = (by: string, more = '') => `[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=${by}\n${more}`
    const both = service({ name: 'enabled', state: 'running', enabled: true })
    /** How often systemd has read all its units. */
    const reads = async () => host.sh('systemctl show -p UnitsLoadTimestampMonotonic')
    const enabling = async (content: string, before = ':') => {
      await host.sh(`cat >/etc/systemd/system/enabled.service <<'END'\n${content}END\nsystemctl daemon-reload; ${before}`)
      const [seen, expected] = [await reads(), before === 'systemctl start enabled' ? ['enabled'] : ['enabled', 'state']]
      expect(await converge(host, both)).toEqual(expected)
      const read = (await reads()) !== seen
      expect(await host.sh('systemctl is-enabled enabled; systemctl is-active enabled')).toBe('enabled\nactive\n')
      return read
    }
    afterEach(() => host.sh('systemctl -q disable --now enabled other 2>/dev/null; rm -f /etc/systemd/system/enabled.service /etc/systemd/system/other.service; systemctl daemon-reload'))

    test('for the boot is a link, and systemd need not read all its units', async () => {
      expect(await enabling(wanted('multi-user.target'))).toBe(false)
      expect(await host.sh('systemctl daemon-reload; systemctl show -p Wants multi-user.target')).toContain('enabled.service')
    })

    test('along with another unit, or under another name, is known to systemd at once', async () => {
      await host.sh(`printf '[Service]\\nExecStart=/bin/sleep infinity\\n' >/etc/systemd/system/other.service`)
      expect(await enabling(wanted('multi-user.target other.service'))).toBe(true)
      await host.sh('systemctl stop enabled; systemctl start other')
      expect(await host.sh('systemctl is-active enabled')).toBe('active\n')
      await host.sh('systemctl -q disable --now enabled other 2>/dev/null')
      expect(await enabling(wanted('multi-user.target', 'Alias=second.service\n'))).toBe(true)
    })

    test('while it runs, or after its file has changed, is read again', async () => {
      expect(await enabling(wanted('multi-user.target'), 'systemctl start enabled')).toBe(true)
      await host.sh('systemctl -q disable --now enabled')
      await enabling(wanted('multi-user.target'), 'systemctl start enabled; systemctl stop enabled; sed -i s/infinity/1000000/ /etc/systemd/system/enabled.service')
      expect(await host.sh('systemctl show -p ExecStart enabled')).toContain('1000000')
    })
  })

  describe('enabled and started at once', () => {
    const both = (name: string) => service({ name, state: 'running', enabled: true })
    const write = async (name: string, content: string) => host.sh(`cat >/etc/systemd/system/${name}.service <<'END'\n${content}END\nsystemctl daemon-reload`)
    const remove = async (name: string) => host.sh(`systemctl -q disable --now ${name} 2>/dev/null; rm /etc/systemd/system/${name}.service; systemctl daemon-reload; systemctl reset-failed ${name} 2>/dev/null || :`)

    test('is one call of systemctl, and three to look: before, when it has started, and after', async () => {
      await write('quick', '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n')
      await host.sh(`printf '#!/bin/sh\necho "$1" >>/run/called\nexec /usr/bin/systemctl "$@"\n' >/usr/local/bin/systemctl; chmod 755 /usr/local/bin/systemctl`)
      expect(await converge(host, both('quick'))).toEqual(['enabled', 'state'])
      expect(await host.sh('rm /usr/local/bin/systemctl; xargs </run/called; rm /run/called')).toBe('show enable show show\n')
      await remove('quick')
    })

    test('what systemd said last of a unit that was changed is not asked again right after, but of another one, or after another change', async () => {
      const [content, unitOf, running] = ['[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n', (name: string) => systemdUnit({ name: `${name}.service`, content }), both('noted')]
      const change = async (task: Task): Promise<Section> => {
        const look = await host.look(task)
        return { script: look.type === 'seen' ? look.apply().command.text : 'exit 1', helpers: task.helpers ?? '', onFailure: 'stop' }
      }
      const called = async (sections: readonly Section[]) => {
        await host.sh('chmod 755 /usr/local/bin/systemctl; : >/run/called')
        const found = await host.frame(sections)
        const calls = await host.sh('chmod 644 /usr/local/bin/systemctl; xargs </run/called')
        expect(found.map(({ status, stderr }) => [status, stderr])).toEqual(sections.map(() => [0, '']))
        return { calls, said: found.map(({ stdout }) => stdout) }
      }
      const asked = async (...tasks: readonly Task[]) => (await host.together(tasks)).map(({ stdout }) => stdout)
      await host.sh(`printf '#!/bin/sh\necho "$1" >>/run/called\nexec /usr/bin/systemctl "$@"\n' >/usr/local/bin/systemctl`)

      const written = await called([await change(unitOf('noted')), probeSection(unitOf('noted')), probeSection(running), await change(unitOf('other')), probeSection(unitOf('other')), probeSection(running)])
      expect(written.calls, 'once for each file, and once for a unit after the change of another').toBe('show show show\n')
      expect(written.said.filter(said => said !== '')).toEqual([...(await asked(unitOf('noted'), running)), ...(await asked(unitOf('other'), running))])

      const started = await called([await change(running), probeSection(running), probeSection(both('other')), { script: 'systemctl stop noted', onFailure: 'stop' }, probeSection(running)])
      expect(started.calls).toBe('enable show show stop show\n')
      expect(started.said[1]).toMatch(/ActiveState=active\nSubState=exited\nUnitFileState=enabled/)
      expect(started.said.slice(2).filter(said => said !== '')).toEqual(await asked(both('other'), running))
      await host.sh('rm /usr/local/bin/systemctl /run/called')
      await remove('noted')
      await remove('other')
    })

    test('one whose file changed since systemd read it starts as the file is now', async () => {
      await write('renewed', unit)
      // Something holds the unit, or systemd would forget it and read it when it is asked.
      await host.sh('systemctl start renewed; sed -i s/infinity/1000000/ /etc/systemd/system/renewed.service; systemctl -q is-active renewed; systemctl stop renewed')
      expect(await converge(host, both('renewed'))).toEqual(['enabled', 'state'])
      expect(await host.sh('systemctl show -p ExecStart renewed')).toContain('1000000')
      await remove('renewed')
    })

    test('one that fails is told with its journal, stays enabled, and was started once', async () => {
      await write('failing', `[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh -c 'echo tried | tee -a /run/tried; exit 3'\n[Install]\nWantedBy=multi-user.target\n`)
      await expect(converge(host, both('failing'))).rejects.toThrow(/failing.service did not start; the last lines of its journal:[^]*tried/)
      expect(await host.sh('cat /run/tried; systemctl is-enabled failing; rm /run/tried')).toBe('tried\nenabled\n')
      await remove('failing')
    })

    test('one that was started too often starts all the same', async () => {
      await write('hasty', '[Unit]\nStartLimitBurst=3\nStartLimitIntervalSec=600\n[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n')
      await host.sh(`printf '[Unit]\nWants=hasty.service\n[Service]\nExecStart=/bin/sleep infinity\n' >/etc/systemd/system/holder.service; systemctl start holder; systemctl stop hasty; for i in 1 2; do systemctl start hasty; systemctl stop hasty; done`)
      expect(await host.sh('systemctl show -p ActiveState hasty')).toBe('ActiveState=inactive\n')
      expect(await converge(host, both('hasty'))).toEqual(['enabled', 'state'])
      await host.sh('systemctl stop holder; rm /etc/systemd/system/holder.service')
      await remove('hasty')
    })

    test('one that cannot be enabled is not called done', async () => {
      await write('stuck', unit)
      await host.sh('mkdir -p /etc/systemd/system/multi-user.target.wants/stuck.service')
      await expect(converge(host, both('stuck'))).rejects.toThrow(/stuck/)
      await host.sh('rmdir /etc/systemd/system/multi-user.target.wants/stuck.service; systemctl stop stuck')
      await remove('stuck')
    })
  })

  test('one that fails is told with its last words, though the journal is behind', async () => {
    await converge(host, systemdUnit({ name: 'late.service', content: "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo its last words; exit 1'\nRemainAfterExit=yes\n" }))
    // The journal takes nothing in until a second after the unit has failed.
    await host.sh(`journal=$(systemctl show -p MainPID --value systemd-journald); kill -STOP "$journal"; setsid sh -c 'until systemctl -q is-failed late; do sleep 0.1; done; sleep 1; kill -CONT "$1"' sh "$journal" >/dev/null 2>&1 &`)
    expect(await failure(host, service({ name: 'late', state: 'running' }))).toMatch(/the last lines of its journal:\n[^]*its last words\n[^]*Failed to start late\.service/)
    await host.sh('systemctl reset-failed late; rm /etc/systemd/system/late.service; systemctl daemon-reload')
  })

  test('one that was started too often starts all the same', async () => {
    // What nothing asks for is forgotten when it stops, and how often it was started with it.
    await host.sh(`printf '[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' >/etc/systemd/system/often.service; systemctl -q enable often`)
    await host.sh('for i in 1 2 3 4 5; do systemctl start often; systemctl stop often; done; ! systemctl -q is-failed often')
    expect(await converge(host, service({ name: 'often', state: 'running' }))).toEqual(['state'])
    await host.sh('systemctl -q disable --now often; rm /etc/systemd/system/often.service; systemctl daemon-reload')
  })

  test('asked together, units, services, packages and accounts say what each says alone, whatever the others are', async () => {
    await host.sh("printf '[Service]\\nType=oneshot\\n' >/etc/systemd/system/broken.service; printf '[Service]\\nExecStart=/bin/true\\n[Install]\\nAlias=second.service\\n' >/etc/systemd/system/first.service; systemctl daemon-reload; systemctl -q enable first; systemctl -q mask sleep.target; touch /etc/systemd/system/first.service")
    // A unit of a script of old times, and a user whose home is none, and is there only from where a look begins.
    await host.sh("printf '#!/bin/sh\\n### BEGIN INIT INFO\\n# Provides: old\\n# Default-Start: 2 3 4 5\\n# Default-Stop: 0 1 6\\n### END INIT INFO\\n' >/etc/init.d/old; chmod 755 /etc/init.d/old; systemctl daemon-reload; echo 'adrift:x:4242:0::run:/bin/sh' >>/etc/passwd")
    const names = ['ssh', 'first', 'second', 'broken', 'nowhere', 'getty@tty1.service', 'systemd-tmpfiles-clean.timer', 'dbus.socket', 'sleep.target', 'old', 'ssh']
    const tasks = [
      ...names.map(name => service({ name, enabled: true })),
      ...['first', 'nowhere', 'broken', 'getty@.service'].map(name => systemdUnit({ name, content: unit })), systemdUnit({ name: 'first', dropIn: '10-nice', content: '[Service]\nNice=5\n' }),
      ...[['systemd'], ['nosuchpackage'], ['systemd', 'nosuchpackage', 'openssh-server'], ['openssh-server', 'libc6:amd64']].map(name => pkg({ name })),
      user({ name: 'daemon', password: new Secret('$6$salt$hash') }), ...['root', 'nobody-here', 'sudo'].map(name => group({ name })), ...['root', 'nobody-here', 'daemon', 'man', 'adrift', 'root'].map(name => user({ name })), user({ name: 'man', home: '/nowhere' }), user({ name: 'man', home: '/etc' }),
    ]
    // Programs before those of the system that take note of each start.
    await host.sh(`for name in systemctl dpkg dpkg-query getent id; do printf '#!/bin/sh\\necho %s >>/run/started\\nexec /usr/bin/%s "$@"\\n' $name $name >/usr/local/bin/$name; chmod 755 /usr/local/bin/$name; done`)
    const alone = []
    for (const task of tasks) alone.push(...(await host.together([task])))
    await host.sh(': >/run/started')
    expect(await host.together(tasks)).toEqual(alone)
    // Besides the one for all: systemctl for a template, whose instances nobody named, and for a script, of which only is-enabled knows, dpkg-query for an architecture, and getent for two who are not there.
    expect(await host.sh('sort /run/started | uniq -c | xargs')).toBe('1 dpkg 3 dpkg-query 4 getent 1 id 3 systemctl\n')
    // One that systemctl refuses is nothing to the others.
    const refused = service({ name: 'getty@.service', enabled: true })
    expect(await host.together([...tasks, refused])).toEqual([...alone, ...(await host.together([refused]))])
    expect(alone.map(({ status, stderr }) => [status, stderr])).toEqual(tasks.map(() => [0, '']))
    expect(alone.slice(0, names.length).map(({ stdout }) => /LoadState=(.*)/.exec(stdout)?.[1])).toContain('not-found')
    await host.sh('cd /usr/local/bin && rm systemctl dpkg dpkg-query getent id; systemctl -q unmask sleep.target; systemctl -q disable first; sed -i /^adrift:/d /etc/passwd; rm /etc/init.d/old /etc/systemd/system/broken.service /etc/systemd/system/first.service; systemctl daemon-reload')
  })
})
