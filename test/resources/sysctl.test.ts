import { describe, expect, test } from 'vitest'
import { sysctl } from '../../engine/resources/sysctl.ts'
import { applied, expectToParse, plan } from './support/golden.ts'

/** As recorded on Debian 12, whose 99-sysctl.conf is a link to /etc/sysctl.conf. */
const probed = (live: string, lines: readonly string[] = [], files: readonly string[] = []): string =>
  `live\n${live}\nfiles\n${['/etc/sysctl.d/99-sysctl.conf', ...files, '/usr/lib/sysctl.d/50-pid-max.conf', '/lib/sysctl.d/50-pid-max.conf'].map(file => `${file}\n`).join('')}lines\n${lines.map(line => `${line}\n`).join('')}`
const ours = '/etc/sysctl.d/99-ts-play.conf'
const forward = sysctl({ key: 'net.ipv4.ip_forward', value: 1 })

describe('a kernel parameter', () => {
  test.each([
    ['off and not persisted', probed('0', ['/etc/sysctl.d/99-sysctl.conf:#net.ipv4.ip_forward=1']), ['live: 0 → 1', `persisted: absent → 1 (${ours})`]],
    ['on, and gone with the next boot', probed('1'), [`persisted: absent → 1 (${ours})`]],
    ['off, and on with the next boot', probed('0', [`${ours}:net.ipv4.ip_forward = 1`], [ours]), ['live: 0 → 1']],
    ['as wished', probed('1', [`${ours}:net.ipv4.ip_forward = 1`], [ours]), []],
    ['as wished by the distribution', probed('1', ['/usr/lib/sysctl.d/50-pid-max.conf:-net/ipv4/ip_forward=1']), []],
    ['set otherwise in our file', probed('1', [`${ours}:net.ipv4.ip_forward = 0`], [ours]), [`persisted: 0 (${ours}) → 1 (${ours})`]],
    ['set otherwise by a later file', probed('1', [`${ours}:net.ipv4.ip_forward = 1`, '/etc/sysctl.d/zz.conf:net.ipv4.ip_forward=0'], [ours, '/etc/sysctl.d/zz.conf']), [`persisted: 0 (/etc/sysctl.d/zz.conf) → 1 (${ours})`]],
    ['set otherwise by an earlier file', probed('1', [`${ours}:net.ipv4.ip_forward = 1`, '/usr/lib/sysctl.d/50-pid-max.conf:net.ipv4.ip_forward=0'], [ours]), []],
    ['set otherwise by a file that /etc hides', probed('1', ['/usr/lib/sysctl.d/99-ts-play.conf:net.ipv4.ip_forward=0', `${ours}:net.ipv4.ip_forward=1`], [ours, '/usr/lib/sysctl.d/99-ts-play.conf']), []],
    ['set twice in one file', probed('1', [`${ours}:net.ipv4.ip_forward = 1`, `${ours}:net.ipv4.ip_forward = 0`], [ours]), [`persisted: 0 (${ours}) → 1 (${ours})`]],
    ['beside keys that end like it', probed('1', [`${ours}:net.ipv6.ip_forward = 1`, `${ours}:; net.ipv4.ip_forward = 1`], [ours]), [`persisted: absent → 1 (${ours})`]],
  ])('%s', (_, output, changes) => {
    expect(plan(forward, output)).toEqual(changes)
    if (changes.length > 0) applied(forward, output)
  })

  test('of several numbers, whatever the white space between them', () => {
    const range = sysctl({ key: 'net.ipv4.ip_local_port_range', value: '32768   60999' })
    expect(plan(range, probed('32768\t60999', [`${ours}:net.ipv4.ip_local_port_range =\t32768 60999`], [ours]))).toEqual([])
    expect(plan(range, probed('1024\t60999'))).toEqual(['live: 1024 60999 → 32768 60999', `persisted: absent → 32768 60999 (${ours})`])
  })

  test('of several lines', () => {
    expect(plan(sysctl({ key: 'kernel.x', value: 'a b' }), probed('a\nb', [`${ours}:kernel.x=a b`], [ours]))).toEqual([])
  })
})

describe('a kernel parameter to raise', () => {
  const instances = sysctl({ key: 'fs.inotify.max_user_instances', value: 8192, atLeast: true })
  test.each([
    ['too low', probed('128'), ['live: 128 → 8192', `persisted: absent → 8192 (${ours})`]],
    ['high enough by itself', probed('9000'), []],
    ['high enough until the next boot', probed('9000', [`${ours}:fs.inotify.max_user_instances=128`], [ours]), [`persisted: 128 (${ours}) → 8192 (${ours})`]],
    ['higher than a persisted value that is enough', probed('65536', [`${ours}:fs.inotify.max_user_instances=10000`], [ours]), []],
    ['lowered by hand', probed('100', [`${ours}:fs.inotify.max_user_instances=8192`], [ours]), ['live: 100 → 8192']],
  ])('%s', (_, output, changes) => expect(plan(instances, output)).toEqual(changes))

  test('beyond the numbers of JavaScript, and each of several', () => {
    expect(plan(sysctl({ key: 'kernel.shmall', value: '18446744073692774399', atLeast: true }), probed('18446744073692774398'))[0]).toBe('live: 18446744073692774398 → 18446744073692774399')
    expect(plan(sysctl({ key: 'net.ipv4.tcp_rmem', value: '4096 90000 6000000', atLeast: true }), probed('8192\t87380\t6291456'))[0]).toBe('live: 8192 87380 6291456 → 8192 90000 6291456')
  })

  test('first gets its line, so that a kill in between is seen', () => {
    const script = applied(instances, probed('128'))
    expect(script.indexOf('tsp_put')).toBeLessThan(script.indexOf('>/proc/sys/fs/inotify/max_user_instances'))
  })
})

test('keys with dots and slashes', () => {
  expect(sysctl({ key: 'net/ipv4/conf/eth0.100/forwarding', value: 1 }).probe.command.text).toContain('/proc/sys/net/ipv4/conf/eth0.100/forwarding')
  expect(sysctl({ key: 'net.ipv4.conf.eth0/100.forwarding', value: 1 }).probe.command.text).toContain('/proc/sys/net/ipv4/conf/eth0.100/forwarding')
  expect(plan(sysctl({ key: 'net/ipv4/conf/eth0.100/forwarding', value: 1 }), probed('1', [`${ours}:net.ipv4.conf.eth0/100.forwarding=1`], [ours]))).toEqual([])
  expectToParse(forward)
})

test('what sysctl.d cannot hold is refused', () => {
  for (const key of ['', 'nodot', 'a..b', '../../etc/passwd', 'net.ipv4.$(x)', 'net/../../x', 'a b.c']) expect(() => sysctl({ key, value: 1 }), key).toThrow('no kernel parameter')
  for (const file of ['/etc/sysctl.conf', '/etc/sysctl.d/x', '/etc/sysctl.d/../x.conf', 'x.conf']) expect(() => sysctl({ key: 'net.x', value: 1, file }), file).toThrow('no .conf file')
  expect(() => sysctl({ key: 'net.x', value: ' ' })).toThrow('needs a value')
  expect(() => sysctl({ key: 'net.x', value: 'abc', atLeast: true })).toThrow('atLeast compares numbers')
})
