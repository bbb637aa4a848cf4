import { describe, expect, test } from 'vitest'
import { pkg } from '../../engine/resources/package.ts'
import { applied, expectToParse, plan } from './support/golden.ts'

/** Recorded with dpkg 1.21.22. */
const none = 'native\tamd64\n'
const haproxy = `${none}package\thaproxy\tamd64\tinstalled\t2.6.12-1+deb12u4\tinstall\n`
const removed = `${none}package\thaproxy\tamd64\tconfig-files\t2.6.12-1+deb12u4\tdeinstall\n`
const virtual = `${none}package\tawk\t\tnot-installed\t\tunknown\n`
const kube = (version: string, want: string): string => ['kubeadm', 'kubelet'].map(name => `package\t${name}\tamd64\tinstalled\t${version}\t${want}\n`).join('')
const bothArchitectures = `${none}package\tlibc6\tamd64\tinstalled\t2.36-9\tinstall\npackage\tlibc6\ti386\tinstalled\t2.35-1\tinstall\n`
const killedConfiguring = `${haproxy.replace('installed\t', 'half-configured\t')}broken\thalf-configured haproxy\nbroken\tunfinished /var/lib/dpkg/updates/0001\n`
const killedUnpacking = `${haproxy.replace('installed\t', 'half-installed\t')}broken\thalf-installed haproxy\n`

describe('packages', () => {
  test.each([
    ['that is there', pkg({ name: 'haproxy' }), haproxy, []],
    ['that is missing', pkg({ name: 'haproxy' }), none, ['haproxy: absent → installed']],
    ['that was removed', pkg({ name: 'haproxy' }), removed, ['haproxy: absent → installed']],
    ['that is virtual', pkg({ name: 'awk' }), virtual, ['awk: absent → installed']],
    ['at another version', pkg({ name: 'haproxy', version: '2.6.12-1+deb12u5' }), haproxy, ['haproxy: 2.6.12-1+deb12u4 → 2.6.12-1+deb12u5']],
    ['at its version', pkg({ name: 'haproxy', version: '2.6.12-1+deb12u4' }), haproxy, []],
    ['of which one is missing', pkg({ name: ['haproxy', 'socat'] }), haproxy, ['socat: absent → installed']],
    ['to hold', pkg({ name: ['kubeadm', 'kubelet'], version: '1.34.2-1.1', hold: true }), none + kube('1.34.2-1.1', 'install'), ['kubeadm hold: false → true', 'kubelet hold: false → true']],
    ['to upgrade although held', pkg({ name: ['kubeadm', 'kubelet'], version: '1.34.2-1.1', hold: true }), none + kube('1.33.6-1.1', 'hold'), ['kubeadm: 1.33.6-1.1 → 1.34.2-1.1', 'kubelet: 1.33.6-1.1 → 1.34.2-1.1']],
    ['no longer to hold', pkg({ name: 'kubelet', hold: false }), none + kube('1.33.6-1.1', 'hold'), ['kubelet hold: true → false']],
    ['to remove', pkg({ name: 'haproxy', state: 'absent' }), haproxy, ['haproxy: 2.6.12-1+deb12u4 → absent']],
    ['removed already', pkg({ name: 'haproxy', state: 'absent' }), removed, []],
    ['removed, with its configuration to go', pkg({ name: 'haproxy', state: 'absent', purge: true }), removed, ['haproxy: config-files → absent']],
    ['of two architectures', pkg({ name: 'libc6', version: '2.36-9' }), bothArchitectures, []],
    ['of a foreign architecture', pkg({ name: 'libc6:i386', version: '2.36-9' }), bothArchitectures, ['libc6:i386: 2.35-1 → 2.36-9']],
    ['killed while it was configured', pkg({ name: 'haproxy' }), killedConfiguring, ['dpkg: interrupted: half-configured haproxy, unfinished /var/lib/dpkg/updates/0001 → configured']],
    ['killed while it was unpacked', pkg({ name: 'haproxy' }), killedUnpacking, ['dpkg: interrupted: half-installed haproxy → configured', 'haproxy: half-installed → installed']],
    ['in order while another was killed', pkg({ name: 'haproxy' }), `${haproxy}broken\tunpacked zsh\n`, ['dpkg: interrupted: unpacked zsh → configured']],
    ['from a file, missing', pkg({ name: 'etcd', files: ['/root/etcd.deb'] }), `${none}archive\tetcd\t3.6.4-1\n`, ['etcd: absent → 3.6.4-1']],
    ['from a file, at another version', pkg({ name: 'haproxy', files: ['/root/h.deb'] }), `${haproxy}archive\thaproxy\t3.0-1\n`, ['haproxy: 2.6.12-1+deb12u4 → 3.0-1']],
    ['from several files', pkg({ name: 'a1', files: ['/root/a.deb', '/root/b.deb'] }), `${none}archive\ta1\t1\narchive\tb2\t2\n`, ['a1: absent → 1', 'b2: absent → 2']],
  ])('%s', (_, task, probed, changes) => {
    expect(plan(task, probed)).toEqual(changes)
    if (changes.length > 0) applied(task, probed)
  })

  test('are one transaction, that removes nothing, trusts nothing unsigned and asks nothing', () => {
    const task = pkg({ name: ['haproxy', 'keepalived'] })
    expect(applied(task, none)).toContain('tsp_apt --no-remove --no-install-recommends install haproxy keepalived')
    expect(task.helpers).toContain('AllowUnauthenticated=false')
    expect(`${task.helpers} ${applied(task, none)}`).not.toMatch(/--allow-unauthenticated|--force-yes|allow-insecure/)
    expect(applied(task, none)).not.toContain('--allow-downgrades')
    expect(applied(task, none)).not.toContain('--allow-change-held-packages')
  })

  test('are pinned exactly, downgrades included, and held packages move only with a wish about holding', () => {
    expect(applied(pkg({ name: 'kubelet', version: '1.33.6-1.1' }), none + kube('1.34.2-1.1', 'install'))).toContain('--allow-downgrades install kubelet=1.33.6-1.1')
    expect(applied(pkg({ name: 'kubelet', version: '1.33.6-1.1', hold: true }), none + kube('1.34.2-1.1', 'hold'))).toContain('--allow-change-held-packages')
  })

  test('only what is missing is asked of apt, and holding alone asks nothing', () => {
    expect(applied(pkg({ name: ['haproxy', 'socat'] }), haproxy)).toMatch(/ install socat +2>&1/)
    const holding = applied(pkg({ name: 'kubelet', hold: true }), none + kube('1.34.2-1.1', 'install'))
    expect(holding).toContain('apt-mark hold kubelet')
    expect(holding).not.toContain('tsp_apt')
  })

  test('lists are fetched when wished', () => {
    expect(applied(pkg({ name: 'haproxy', update: 'never' }), none)).not.toContain('tsp_apt_update')
    expect(applied(pkg({ name: 'haproxy' }), none).indexOf('tsp_apt_update')).toBeGreaterThan(applied(pkg({ name: 'haproxy' }), none).indexOf('tsp_apt_lacks'))
    const always = applied(pkg({ name: 'haproxy', update: 'always' }), none)
    expect(always.indexOf('tsp_apt_update')).toBeLessThan(always.indexOf('tsp_apt_lacks'))
  })

  test('probe and script are POSIX sh', () => {
    const task = pkg({ name: ['g++', 'libc6:i386'], files: ["/tmp/it's here.deb"], start: false, recommends: true })
    expectToParse(task)
    const script = applied(task, `${none}broken\thalf-configured nginx\n`)
    // Mending configures packages, which starts services too.
    expect(script.indexOf('tsp_autostart_off')).toBeLessThan(script.indexOf('tsp_dpkg_heal'))
    expect(script).toContain('tsp_autostart_off')
  })
})

test('what apt would take for something else is refused', () => {
  for (const name of ['', '-y', 'haproxy=1', 'haproxy ', 'task^', 'a*', 'Haproxy', 'x/stable', '$(touch pwned)']) expect(() => pkg({ name }), name).toThrow('no package name')
  expect(() => pkg({ name: [] })).toThrow('no package name')
  expect(() => pkg({ name: 'x1', files: ['x.deb'] })).toThrow('absolute path')
})
