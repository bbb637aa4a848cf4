import { describe, expect, test } from 'vitest'
import { Secret } from '../../engine/model/secret.ts'
import { user } from '../../engine/resources/user.ts'
import { applied, expectToParse, plan } from './support/golden.ts'

const hash = new Secret('$6$salt$abcdefghijklmnopqrstuvwxyz./0123456789')
/** Recorded on Debian 12. */
const ops = '1000:/home/ops:/bin/bash\nops\nops sudo\nhome\n'
const wished = { name: 'ops', uid: 1000, group: 'ops', groups: ['sudo'], home: '/home/ops', shell: '/bin/bash' } as const

describe('a user', () => {
  test.each([
    ['as wished', user(wished), ops, []],
    ['as wished, with the password', user({ ...wished, password: hash }), `${ops}same\n`, []],
    ['with another password', user({ ...wished, password: hash }), `${ops}differs\n`, ['password: *** → ***']],
    ['with another id', user({ ...wished, uid: 1500 }), ops, ['uid: 1000 → 1500']],
    ['with another primary group', user({ ...wished, group: 'staff' }), ops, ['group: ops → staff']],
    ['who is not in a group', user({ ...wished, groups: ['sudo', 'docker'] }), ops, ['groups: ops sudo → ops sudo docker']],
    ['who is in more groups than wished', user({ ...wished, groups: [] }), ops, []],
    ['with another home', user({ ...wished, home: '/srv/ops' }), ops, ['home: /home/ops → /srv/ops']],
    ['without a home directory', user(wished), ops.replace('\nhome', '\nno home'), ['home directory: absent → /home/ops']],
    ['of the system, who needs none', user({ ...wished, system: true }), ops.replace('\nhome', '\nno home'), []],
    ['with another shell', user({ ...wished, shell: '/bin/sh' }), ops, ['shell: /bin/bash → /bin/sh']],
    ['who is missing', user({ ...wished, password: hash }), '', ['state: absent → present', 'uid: absent → 1000', 'group: absent → ops', 'groups: absent → sudo', 'home: absent → /home/ops', 'shell: absent → /bin/bash', 'password: absent → ***']],
    ['who has to go', user({ name: 'ops', state: 'absent' }), ops, ['state: present → absent']],
    ['who is gone', user({ name: 'ops', state: 'absent' }), '', []],
  ])('%s', (_, task, probed, changes) => {
    expect(plan(task, probed)).toEqual(changes)
    if (changes.length > 0) applied(task, probed)
  })

  test('is made in one step, and changed in one', () => {
    expect(applied(user(wished), '')).toContain('useradd -u 1000 -G sudo -d /home/ops -s /bin/bash -m -g ops ops\n')
    expect(applied(user({ name: 'etcd', system: true }), '')).toMatch(/useradd -r -M \$\(.*echo -g etcd; else echo -U; fi\) etcd\n/)
    expect(applied(user({ ...wished, uid: 1500, groups: ['sudo', 'docker', 'adm'], shell: '/bin/sh' }), ops)).toContain('usermod -u 1500 -a -G docker,adm -s /bin/sh ops\n')
    expect(applied(user({ ...wished, password: hash }), `${ops}differs\n`)).not.toContain('usermod')
  })

  test('has a password that no script holds', () => {
    const task = user({ ...wished, password: hash })
    const script = task.assess({ status: 0, stdout: '', stderr: '' }, () => { throw new Error('no file') }).apply()
    expect(JSON.stringify([task.probe, script])).not.toContain('salt')
    expect(script.stdin instanceof Secret ? Secret.reveal(script.stdin) : '').toBe(`ops:${Secret.reveal(hash)}\n`)
    expectToParse(task)
  })
})

test('what can be no user is refused', () => {
  for (const name of ['', '-r', 'a b', 'a:b', '$(x)']) expect(() => user({ name }), name).toThrow('no name of a user or group')
  expect(() => user({ name: 'x', groups: ['a,b'] })).toThrow('no name of a user or group')
  expect(() => user({ name: 'x', home: 'relative' })).toThrow('must be absolute')
  expect(() => user({ name: 'x', password: new Secret('hunter2') })).toThrow('not the password itself')
  expect(() => user({ name: 'x', password: new Secret('$6$a$b\nroot:$6$x$y') })).toThrow('not the password itself')
})
