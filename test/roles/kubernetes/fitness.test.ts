import { describe, expect, test } from 'vitest'
import { fitness, type Candidate } from '../../../roles/kubernetes/fitness.ts'
import { parseMachine } from '../../../roles/kubernetes/machine.ts'
import { unique } from '../../../roles/kubernetes/uniqueness.ts'
import type { Identity } from '../../../roles/outputs.ts'
import { refusals } from '../support/tasks.ts'

const machine = parseMachine('cpus=2\nmemory=4028412\narchitecture=x86_64\ncgroup=cgroup2fs\nsystemd=yes\nfamilies=ubuntu debian\nhostname=cp1\n')
const good: Candidate = {
  host: 'cp1',
  part: 'control-plane',
  machine,
  addresses: [{ interface: 'ens3', address: '10.0.0.21', prefix: 24 }],
  nodeAddress: '10.0.0.21',
  endpointAddress: '10.0.0.100',
  kubernetesVersion: 'v1.37.2',
  podSubnet: '10.244.0.0/16',
  serviceSubnet: '10.96.0.0/12',
  allowCgroupV1: false,
  memberVersion: undefined,
}

test('what a machine says of itself', () => {
  expect(machine).toEqual({ cpus: 2, memoryMegabytes: 3933, architecture: 'x86_64', cgroup: 'v2', systemd: true, families: ['ubuntu', 'debian'], hostname: 'cp1' })
  expect(parseMachine('cgroup=tmpfs').cgroup).toBe('v1')
})

describe('a machine', () => {
  test.each<[string, Partial<Candidate>]>([
    ['that is fit', {}],
    ['with cgroup v1 where it is only warned of', { machine: { ...machine, cgroup: 'v1' }, kubernetesVersion: 'v1.34.10' }],
    ['with cgroup v1 that is put up with', { machine: { ...machine, cgroup: 'v1' }, allowCgroupV1: true }],
    ['that is small, and a worker', { machine: { ...machine, cpus: 1, memoryMegabytes: 900 }, part: 'worker' }],
    ['that is a member of the wanted version', { memberVersion: 'v1.37.2' }],
    ['with a name of several parts', { machine: { ...machine, hostname: 'cp1.dc-2.example.org' } }],
  ])('%s is taken', (_, changes) => {
    expect(refusals(fitness({ ...good, ...changes }))).toEqual([])
  })

  test.each<[string, Partial<Candidate>, RegExp]>([
    ['an old Kubernetes', { kubernetesVersion: 'v1.33.4' }, /v1\.33\.4 is older than 1\.34/],
    ['an upgrade in passing', { memberVersion: 'v1.36.3' }, /cp1 is a member with Kubernetes v1\.36\.3, and the inventory wants v1\.37\.2/],
    ['no systemd', { machine: { ...machine, systemd: false } }, /was not booted with systemd/],
    ['another family', { machine: { ...machine, families: ['alpine'] } }, /runs alpine/],
    ['one processor', { machine: { ...machine, cpus: 1 } }, /has 1 processors/],
    ['cgroup v1', { machine: { ...machine, cgroup: 'v1' } }, /cgroup v1, which Kubernetes v1\.37\.2 refuses/],
    ['capitals in its name', { machine: { ...machine, hostname: 'CP_1' } }, /"CP_1", which no node can be called/],
    ['an address of another machine', { nodeAddress: '10.0.0.99' }, /no interface of cp1 has 10\.0\.0\.99: ens3 10\.0\.0\.21/],
    ['pods in the machines’ network', { podSubnet: '10.0.0.0/16' }, /podSubnet \(10\.0\.0\.0\/16\) and its own network \(10\.0\.0\.21\/24\) overlap/],
    ['pods among services', { podSubnet: '10.97.0.0/16' }, /podSubnet \(10\.97\.0\.0\/16\) and serviceSubnet \(10\.96\.0\.0\/12\) overlap/],
    ['the floating address among services', { endpointAddress: '10.100.0.1' }, /serviceSubnet \(10\.96\.0\.0\/12\) and endpoint \(10\.100\.0\.1\) overlap/],
  ])('with %s is refused', (_, changes, message) => {
    expect(refusals(fitness({ ...good, ...changes }))).toEqual([expect.stringMatching(message)])
  })
})

describe('two hosts', () => {
  const one: Identity = { hostname: 'a', machineId: 'm1', productUuid: 'p1', nodeAddress: '10.0.0.1', hardwareAddresses: ['02:00:00:00:00:01'] }
  const two: Identity = { hostname: 'b', machineId: 'm2', productUuid: 'p2', nodeAddress: '10.0.0.2', hardwareAddresses: ['02:00:00:00:00:02'] }
  const compare = (other: Identity, sharedProductUuid = false) => refusals(unique({ host: 'a', identities: new Map([['a', one], ['b', other]]), sharedProductUuid }))

  test('that differ are taken', () => {
    expect(compare(two)).toEqual([])
  })
  test('without an identity to compare are taken', () => {
    const blank: Identity = { hostname: 'b', machineId: undefined, productUuid: undefined, nodeAddress: '10.0.0.2', hardwareAddresses: [] }
    expect(refusals(unique({ host: 'a', identities: new Map([['a', { ...blank, hostname: 'a', nodeAddress: '10.0.0.1' }], ['b', blank]]), sharedProductUuid: false }))).toEqual([])
  })
  test.each<[string, Partial<Identity>, RegExp]>([
    ['host name, whatever its case', { hostname: 'A' }, /a and b have the same host name: a/],
    ['node address', { nodeAddress: '10.0.0.1' }, /same node address: 10\.0\.0\.1/],
    ['machine-id', { machineId: 'm1' }, /same machine-id: m1/],
    ['product_uuid', { productUuid: 'p1' }, /same product_uuid: p1/],
    ['hardware address', { hardwareAddresses: ['02:00:00:00:00:09', '02:00:00:00:00:01'] }, /same hardware address: 02:00:00:00:00:01/],
  ])('with the same %s are refused', (_, changes, message) => {
    expect(compare({ ...two, ...changes })).toEqual([expect.stringMatching(message)])
  })
  test('of a platform without UUIDs may share one', () => {
    expect(compare({ ...two, productUuid: 'p1' }, true)).toEqual([])
  })
})
