import { describe, expect, test } from 'vitest'
import { command, copy, directory, download, file, group, hostsEntry, kubectlApply, lineInFile, pkg, secret, service, sh, symlink, sysctl, systemdUnit, unarchive, user, waitFor, type Task } from '../../engine/index.ts'
import type { SourceFile } from '../../engine/model/session.ts'

const source = (path: string): SourceFile => ({ type: 'source-file', path, size: 1, sha256: '0'.repeat(64) })
/** A file of deploy with one line. */
const there = 'file text secure theirs 644 1880 880 2\ndeploy\nweb\nx\n'

/** Whether one task may turn what the probe of a later one said. */
function turns(before: Task, after: Task, said: string): boolean {
  const { turnedBy } = after.assess({ status: 0, stdout: said, stderr: '' }, source)
  return before.effects([]).some(effect => turnedBy(effect))
}

const unit = (content: string) => systemdUnit({ name: 'site', content })
const shown = (load: string, active: string, enabled: string) => `LoadState=${load}\nActiveState=${active}\nSubState=running\nUnitFileState=${enabled}\n`
const enabled = service({ name: 'site', enabled: true })
const ran = sh`true`

const rows: readonly (readonly [what: string, before: Task, after: Task, said: string, turns: boolean])[] = [
  ['a condition that may look at anything, by whatever changes', file({ path: '/a', content: '' }), command({ run: ran, onlyIf: ran }), '1\n', true],
  ['a guard that may look at anything, by whatever changes', sysctl({ key: 'vm.swappiness', value: 1 }), command({ run: ran, unless: ran }), '0\n0\n', true],
  ['a guard that looks at named paths, by nothing elsewhere', file({ path: '/a', content: '' }), command({ run: ran, unless: ran, looksAt: ['/b'] }), '0\n0\n', false],
  ['a guard that looks at named paths, by one of them', file({ path: '/b', content: '' }), command({ run: ran, unless: ran, looksAt: ['/a', '/b'] }), '0\n0\n', true],
  ['a guard that looks at named paths, by a command', command({ run: ran }), command({ run: ran, unless: ran, looksAt: ['/b'] }), '0\n0\n', true],
  ['what a command creates, by that path', file({ path: '/a', content: '' }), command({ run: ran, creates: '/a' }), '0\n1\n', true],
  ['what a command creates, by what lies in it', directory({ path: '/a/b/c' }), command({ run: ran, creates: '/a' }), '0\n1\n', true],
  ['what a command creates, not by a directory that it is in', directory({ path: '/a' }), command({ run: ran, creates: '/a/b' }), '0\n1\n', false],
  ['what a command creates, by a directory that goes', directory({ path: '/a', state: 'absent', recurse: true }), command({ run: ran, creates: '/a/b' }), '0\n0\n', true],
  ['what a command creates, by a link on the way', symlink({ path: '/a', target: '/c' }), command({ run: ran, creates: '/a/b' }), '0\n1\n', true],
  ['what a command creates, by an archive around it', unarchive({ path: '/a', source: '/x.tar' }), command({ run: ran, creates: '/a/b' }), '0\n1\n', true],
  ['what a command creates, not by what has a longer name', file({ path: '/ab', content: '' }), command({ run: ran, creates: '/a' }), '0\n1\n', false],
  ['what a command removes, by that path', file({ path: '/a', state: 'absent' }), command({ run: ran, removes: '/a' }), '0\n1\n', true],
  ['what a command creates, by a package', pkg({ name: 'tree' }), command({ run: ran, creates: '/a' }), '0\n1\n', true],
  ['what a command creates, by a service', service({ name: 'site', state: 'running' }), command({ run: ran, creates: '/a' }), '0\n1\n', true],
  ['what a command creates, by a new home', user({ name: 'deploy' }), command({ run: ran, creates: '/home/deploy/.bashrc' }), '0\n1\n', true],
  ['what a command creates in a folder of its own, by anything', file({ path: '/a', content: '' }), command({ run: ran, creates: 'made', workingDirectory: '/srv' }), '0\n1\n', true],

  ['a declared file, not by programs of others', command({ run: ran }), file({ path: '/a', content: '' }), 'absent\n', false],
  ['a declared file, by another task about it', copy({ path: '/a', source: '/x' }), file({ path: '/a', content: '' }), 'absent\n', true],
  ['a declared file, not by the directory that it is in', directory({ path: '/srv' }), file({ path: '/srv/a', content: '' }), 'absent\n', false],
  ['a declared file, by an archive around it', unarchive({ path: '/srv', source: '/x.tar' }), file({ path: '/srv/a', content: '' }), 'absent\n', true],
  ['a file that is missing, not by its owner', user({ name: 'deploy' }), file({ path: '/a', content: '', owner: 'deploy' }), 'absent\n', false],
  ['a file that is to go, not by its owner', user({ name: 'deploy' }), file({ path: '/a', state: 'absent' }), there, false],
  ['a file that is there, by its owner', user({ name: 'deploy' }), copy({ path: '/a', source: '/x', owner: 'deploy' }), there.replace('text', 'hash').replace('x\n', `${'0'.repeat(64)}\n`), true],
  ['a file that is there, by its group', group({ name: 'web' }), copy({ path: '/a', source: '/x', group: 'web' }), there.replace('text', 'hash').replace('x\n', `${'0'.repeat(64)}\n`), true],
  ['a missing directory, by what is made in it', directory({ path: '/a/b' }), directory({ path: '/a' }), 'absent\n', true],
  ['one line, not by another one of the same file', lineInFile({ path: '/etc/hosts', line: 'a' }), hostsEntry({ address: '192.0.2.1', names: ['a'] }), there, false],
  ['one line, by the whole file', file({ path: '/etc/hosts', content: '' }), hostsEntry({ address: '192.0.2.1', names: ['a'] }), 'absent\n', true],
  ['one line of a file that is missing, by another one', lineInFile({ path: '/a', line: 'a', create: true }), lineInFile({ path: '/a', line: 'b', create: true }), 'absent\n', true],
  ['an archive that is unpacked, by what is put in it', file({ path: '/srv/a', content: '' }), unarchive({ path: '/srv', source: '/x.tar' }), '-\nsum 0\n', true],
  ['an archive that has to be unpacked anyway, not by its directory', directory({ path: '/srv' }), unarchive({ path: '/srv', source: '/x.tar' }), '-\n-\n', false],
  ['an archive on the host without a sum, by its download', download({ url: 'https://example.org/x', path: '/x.tar', sha256: '0'.repeat(64) }), unarchive({ path: '/srv', archive: '/x.tar' }), 'sum\n-\n', true],

  ['whether a static unit is enabled, by an [Install] for it', unit('[Install]\n'), enabled, shown('loaded', 'active', 'static'), true],
  ['whether a disabled unit is enabled, by taking its [Install]', unit('[Service]\n'), enabled, shown('loaded', 'active', 'disabled'), true],
  ['whether a unit to come is enabled, by one without [Install]', unit('[Service]\n'), enabled, shown('not-found', 'inactive', ''), true],
  ['whether a unit to come is enabled, not by one with [Install]', unit('[Install]\n'), enabled, shown('not-found', 'inactive', ''), false],
  ['whether an enabled unit is, not by another text of it', unit('[Service]\n'), enabled, shown('loaded', 'active', 'enabled'), false],
  ['whether a static unit is enabled, by an [Install] in a drop-in', systemdUnit({ name: 'site', dropIn: 'a', content: '[Install]\n' }), enabled, shown('loaded', 'active', 'static'), true],
  ['whether a static unit is enabled, not by a drop-in of something else', systemdUnit({ name: 'site', dropIn: 'a', content: '[Service]\n' }), enabled, shown('loaded', 'active', 'static'), false],
  ['a service, by its unit that goes', systemdUnit({ name: 'site', state: 'absent' }), enabled, shown('loaded', 'active', 'enabled'), true],
  ['a service, by its unit as a mere file', file({ path: '/etc/systemd/system/site.service', content: '' }), enabled, shown('loaded', 'active', 'enabled'), true],
  ['a service, not by another unit', systemdUnit({ name: 'other', content: '' }), enabled, shown('loaded', 'active', 'static'), false],
  ['a unit that was not read, by another one', systemdUnit({ name: 'other', content: '' }), unit(''), 'LoadState=loaded\nNeedDaemonReload=yes\nfile\nabsent\n', true],
  ['a unit that was read, not by another one', systemdUnit({ name: 'other', content: '' }), unit(''), 'LoadState=loaded\nNeedDaemonReload=no\nfile\nabsent\n', false],

  ['a package, by another task with it', pkg({ name: ['tree', 'jq'] }), pkg({ name: 'jq' }), 'native\tamd64\n', true],
  ['a package, not by others', pkg({ name: 'tree' }), pkg({ name: 'jq' }), 'native\tamd64\n', false],
  ['a user that is missing, not by the group', group({ name: 'web' }), user({ name: 'deploy', group: 'web' }), '', false],
  ['a user of another group, by that group', group({ name: 'web' }), user({ name: 'deploy', group: 'web' }), '1880:/home/deploy:/bin/sh\n880\n880\nhome\n', true],
  ['what is waited for, never: it ends well or not at all', command({ run: ran }), waitFor({ path: '/a' }), 'holds\n', false],
  ['objects of a cluster, by a command', command({ run: ran }), kubectlApply({ name: 'a', manifest: '' }), 'same\n', true],
  ['objects of a cluster, by a static pod', file({ path: '/etc/kubernetes/manifests/kube-apiserver.yaml', content: '' }), kubectlApply({ name: 'a', manifest: secret`x` }), 'same\n', true],
  ['objects of a cluster, not by a file elsewhere', file({ path: '/etc/motd', content: '' }), kubectlApply({ name: 'a', manifest: '' }), 'same\n', false],
]

describe('what was found is turned', () => {
  test.each(rows)('%s', (_what, before, after, said, expected) => expect(turns(before, after, said)).toBe(expected))

  test('by a user only as far as its numbers or its home change', () => {
    const { effects } = user({ name: 'deploy' })
    const kinds = (attribute: string) => effects([{ effect: 'modifies', attribute, from: { type: 'absent' }, to: { type: 'absent' } }]).map(effect => effect.type)
    expect(kinds('shell')).not.toContain('account')
    expect(kinds('uid')).toContain('account')
  })
})
