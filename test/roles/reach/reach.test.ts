import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import type { Member } from 'ts-play'
import { endpoint } from '../../../roles/kubernetes/endpoint.ts'
import { lookOut } from '../../../roles/reach/listen.ts'
import { needsOf, type Need, type Topology } from '../../../roles/reach/needs.ts'
import { parseSurroundings } from '../../../roles/reach/parse.ts'
import { namespaceRefusal } from '../../connection/namespace.ts'
import { program, runShell, syntaxError } from '../support/shell.ts'

/** Why there can be no network of one's own here. */
const isolated = namespaceRefusal ?? ['perl', 'iptables', 'ip'].find(name => 'missing' in program(name))

const member = (name: string, last: number): Member => ({ name, address: `10.0.0.${last}`, vars: {} })
const topology = (strategy: object): Topology => ({
  endpoint: endpoint.parse({ name: 'api.test', ...strategy }),
  bindPort: 6444,
  balancers: [member('lb1', 11)],
  etcdHosts: [],
  controlPlanes: [member('m1', 21), member('m2', 22)],
  workers: [member('w1', 31)],
})
const balanced = topology({ strategy: 'haproxy+keepalived', vip: '10.0.0.100' })
const written = (needs: readonly Need[]): readonly string[] => needs.map(({ host, port }) => `${host}:${port}`)

describe('a host needs', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['as a balancer: the API servers', written(needsOf('lb1', balanced)), ['m1:6444', 'm2:6444']],
    ['as a control plane: the others, kubelets and the balancers', written(needsOf('m1', balanced)), ['m2:6444', 'm2:2379', 'm2:2380', 'm2:10250', 'w1:10250', 'lb1:6443']],
    ['as a worker: the balancers', written(needsOf('w1', balanced)), ['lb1:6443']],
    ['as a worker with a balancer of its own: the API servers', written(needsOf('w1', topology({ strategy: 'local' }))), ['m1:6444', 'm2:6444']],
    ['as a worker, where somebody else balances: nothing of ours', written(needsOf('w1', topology({ strategy: 'external', address: '10.0.0.9' }))), []],
  ])('%s', (_, needs, expected) => {
    expect(needs).toEqual(expected)
  })
  test('where etcd has hosts of its own: they each other, and control planes only their clients’ port', () => {
    const external = { ...balanced, etcdHosts: [member('e1', 51), member('e2', 52)] }
    expect(written(needsOf('e1', external))).toEqual(['e2:2379', 'e2:2380'])
    expect(written(needsOf('m1', external))).toEqual(['m2:6444', 'm2:10250', 'e1:2379', 'e2:2379', 'w1:10250', 'lb1:6443'])
  })
  test('each port once, also as a balancer and a control plane in one', () => {
    const both = { ...balanced, balancers: [member('m1', 21)] }
    expect(written(needsOf('m1', both))).toEqual(['m2:6444', 'm2:2379', 'm2:2380', 'm2:10250', 'w1:10250'])
  })
})

describe('looking out', () => {
  const needs: readonly Need[] = [{ host: 'm1', address: '10.0.0.21', port: 2379 }]
  test('can be read by a POSIX shell', () => {
    expect(syntaxError(lookOut(needs, '10.0.0.11').text)).toBeUndefined()
  })
  test('a balancer that works is left alone', () => {
    expect(runShell(lookOut(needs, undefined).text, { systemctl: 'exit 0' })).toMatchObject({ status: 0, stdout: '' })
  })
  test('without a working perl that is said', () => {
    const { status, stdout } = runShell(lookOut(needs, undefined).text, { systemctl: 'exit 3', perl: 'exit 2' })
    expect([status, parseSurroundings(stdout, needs)]).toEqual([0, { paths: [], routers: [], unchecked: ['paths', 'routers'] }])
  })
  test('what it prints is told in the order of the needs, whoever answered first', () => {
    const ports = [6443, 2379, 10250].map(port => ({ host: 'm1', address: '10.0.0.21', port }))
    const printed = ports.map(({ address, port }) => `path=${address}:${port} silent\n`).toReversed().join('')
    expect(parseSurroundings(printed, ports).paths).toEqual(ports.map(need => ({ ...need, state: 'silent' })))
  })
  test('what it prints is read, and what belongs to nobody left out', () => {
    const printed = 'path=10.0.0.21:2379 refused\npath=10.0.0.99:1 open\nvrrp=10.0.0.7 51\nvrrp=unchecked\n'
    expect(parseSurroundings(printed, needs)).toEqual({ paths: [{ ...needs[0], state: 'refused' }], routers: [{ address: '10.0.0.7', id: 51 }], unchecked: ['routers'] })
  })

  // In a network of its own, where one port is silent as behind a firewall that drops: nothing of this leaves it.
  test.skipIf(isolated !== undefined)('perl tells an open port from a closed one and from silence', () => {
    const ports = { open: 1001, refused: 1002, silent: 1003 }
    const targets = Object.values(ports).map(port => ({ host: 'm1', address: '127.0.0.1', port }))
    const listener = `perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1:${ports.open}") or die; exit system(@ARGV) >> 8' sh -c "$0"`
    const network = `ip link set lo up && iptables -A INPUT -p tcp --dport ${ports.silent} -j DROP && exec ${listener}`
    const stdout = execFileSync('unshare', ['-n', 'sh', '-c', network, lookOut(targets, undefined).text.replace('systemctl -q is-active keepalived', 'false')], { encoding: 'utf8' })
    expect(Object.fromEntries(parseSurroundings(stdout, targets).paths.map(({ port, state }) => [state, port]))).toEqual(ports)
  })
})
