import { describe, expect, test } from 'vitest'
import { sha256 } from '../../engine/resources/staged-file.ts'
import { systemdUnit } from '../../engine/resources/systemd-unit.ts'
import { applied, expectToParse, plan } from './support/golden.ts'

const content = '[Service]\nExecStart=/bin/sleep infinity\n'
const told = (words: string): string => `LoadState=${words.split(' ')[1]}\nNeedDaemonReload=${words.startsWith('stale') ? 'yes' : 'no'}\nfile\n`
/** Recorded with systemd 252: what systemd says, then what is at the path. */
const found = (systemd: string, text: string, attributes = '644 0 0 40 42:7\nroot\nroot'): string => `${told(systemd)}file hash secure all-ours ${attributes}\n${sha256(text)} text\n${text}`
const missing = `${told('read not-found')}absent\n`
const unit = systemdUnit({ name: 'etcd', content })

describe('a unit file', () => {
  test.each([
    ['that is missing', missing, [`content: absent → ${JSON.stringify(content)}`, 'mode: absent → 0644', 'owner: absent → 0', 'group: absent → 0']],
    ['with other content', found('read loaded', '[Service]\n'), [`content: "[Service]\\n" → ${JSON.stringify(content)}`]],
    ['with another mode', found('read loaded', content, '600 0 0 40 42:7\nroot\nroot'), ['mode: 0600 → 0644']],
    ['of another owner', found('read loaded', content, '644 1000 0 40 42:7\nops\nroot'), ['owner: ops → 0']],
    ['as wished', found('read loaded', content), []],
    ['changed since systemd read it', found('stale loaded', content), ['daemon-reload: changed since systemd read it → read']],
    ['that systemd does not understand', found('read bad-setting', content), ['load: bad-setting → loaded']],
    ['masked by a link', `${told('read masked')}symlink attributes secure all-ours 777 0 0 9 42:7\nroot\nroot\n/dev/null`, [`content: symbolic link to /dev/null → sha256:${sha256(content)}`, 'mode: absent → 0644', 'owner: absent → 0', 'group: absent → 0']],
  ])('%s', (_, probed, changes) => {
    expect(plan(unit, probed)).toEqual(changes)
    if (changes.length > 0) expect(applied(unit, probed)).toContain('systemctl daemon-reload')
  })

  test('is written only when it differs', () => {
    expect(applied(unit, missing)).toContain('tsp_write etcd.service')
    expect(applied(unit, found('stale loaded', content))).not.toContain('tsp_write')
  })

  test('can go', () => {
    const gone = systemdUnit({ name: 'etcd', state: 'absent' })
    expect(plan(gone, missing)).toEqual([])
    expect(plan(gone, found('read loaded', content))).toEqual(['state: file → absent'])
    expect(applied(gone, found('read loaded', content))).toContain('rm -f /etc/systemd/system/etcd.service')
    expect(plan(gone, `${told('stale loaded')}absent\n`)).toEqual(['daemon-reload: changed since systemd read it → read'])
  })
})

test('where it lies', () => {
  expect(unit.id).toBe('/etc/systemd/system/etcd.service')
  expect(systemdUnit({ name: 'backup.timer', content }).id).toBe('/etc/systemd/system/backup.timer')
  expect(systemdUnit({ name: 'kubelet', dropIn: '20-node-ip', content }).id).toBe('/etc/systemd/system/kubelet.service.d/20-node-ip.conf')
  for (const dropIn of ['', '../x', 'a/b', '-x', 'a b']) expect(() => systemdUnit({ name: 'x', dropIn, content }), dropIn).toThrow('no name of a drop-in')
})

test('of a template the instances are asked', () => {
  const template = systemdUnit({ name: 'tunnel@', content })
  expect(template.probe.command.text).toContain("'tunnel@*.service'")
  expectToParse(template)
  expect(plan(template, 'file\nabsent\n')).toHaveLength(4)
  applied(template, 'file\nabsent\n')
  expect(plan(template, `${told('read loaded')}`.replace('file\n', '\n') + `${told('stale loaded')}absent\n`)).toContain('daemon-reload: changed since systemd read it → read')
})
