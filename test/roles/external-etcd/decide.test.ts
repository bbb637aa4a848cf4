import { describe, expect, test } from 'vitest'
import { authorityHost } from '../../../roles/external-etcd/authority.ts'
import { signer } from '../../../roles/external-etcd/clients.ts'
import { decide } from '../../../roles/external-etcd/decide.ts'
import { quorumOf } from '../../../roles/external-etcd/stale.ts'
import { lookAtEtcd, parseSighting } from '../../../roles/external-etcd/survey.ts'
import type { EtcdSighting, EtcdVoter } from '../../../roles/outputs.ts'

const names = ['e1', 'e2', 'e3']
const addressOf = (name: string): string => `10.0.0.5${name.slice(1)}`
const members = (...hosts: readonly string[]) => hosts.map(name => ({ name, address: addressOf(name), vars: {} }))
const voter = (name: string, learner = false): EtcdVoter => ({ id: `a${name.slice(1)}`, name, peer: `https://${addressOf(name)}:2380`, client: `https://${addressOf(name)}:2379`, learner })
const fresh: EtcdSighting = { data: false, attempt: false, ca: undefined, signs: false, members: undefined }
const whole: EtcdSighting = { data: true, attempt: false, ca: 'ours', signs: false, members: names.map(name => voter(name)) }
const asleep: EtcdSighting = { ...whole, members: undefined }
const parts = (seen: Readonly<Record<string, EtcdSighting>>, hosts = names) => hosts.map(host => {
  const verdict = decide(host, members(...hosts), new Map(Object.entries(seen)))
  return verdict.part === 'refused' ? verdict.reason : verdict.part
})

describe('what a host of external etcd has to do', () => {
  test('three bare hosts found a cluster', () => {
    expect(parts({ e1: fresh, e2: fresh, e3: fresh })).toEqual(['founder', 'founder', 'founder'])
  })
  test('an attempt of ours that died goes on, also where one host has begun to write', () => {
    expect(parts({ e1: { ...fresh, data: true, attempt: true, ca: 'ours' }, e2: { ...fresh, attempt: true, ca: 'ours' }, e3: fresh })).toEqual(['founder', 'founder', 'founder'])
  })
  test('members stay, also while one of them does not run', () => {
    expect(parts({ e1: whole, e2: whole, e3: asleep })).toEqual(['member', 'member', 'member'])
  })
  test('a member whose data is gone, and one that is not in the list, come as newcomers', () => {
    const two = { ...whole, members: [voter('e1'), voter('e2')] }
    expect(parts({ e1: whole, e2: whole, e3: fresh })).toEqual(['member', 'member', 'newcomer'])
    expect(parts({ e1: two, e2: two, e3: fresh })).toEqual(['member', 'member', 'newcomer'])
  })
  test('a learner that was left halfway goes on', () => {
    const list = [voter('e1'), voter('e2'), voter('e3', true)]
    expect(parts({ e1: { ...whole, members: list }, e2: { ...whole, members: list }, e3: { ...asleep, attempt: true } })).toEqual(['member', 'member', 'newcomer'])
  })
  test('a cluster that stands still is started as a whole', () => {
    expect(parts({ e1: asleep, e2: asleep, e3: asleep })).toEqual(['sleeper', 'sleeper', 'sleeper'])
    expect(parts({ e1: asleep, e2: asleep, e3: fresh })).toEqual(['sleeper', 'sleeper', expect.stringMatching(/^etcd does not run on e1 and e2, so e3 cannot join it$/)])
  })
  test('nobody founds a cluster beside what is left of one', () => {
    expect(parts({ e1: asleep, e2: fresh, e3: fresh })).toEqual(names.map(() => expect.stringMatching(/^no majority of etcd is left: only e1 of 3 hosts has data$/)))
  })
  test('nobody founds a cluster while somebody cannot be asked', () => {
    expect(decide('e1', members(...names), new Map([['e1', fresh], ['e2', fresh]]))).toMatchObject({ part: 'refused', reason: expect.stringMatching(/while e3 cannot be asked/) })
  })
  test('data that the cluster does not count is not touched', () => {
    const two = { ...whole, members: [voter('e1'), voter('e2')] }
    expect(parts({ e1: two, e2: two, e3: asleep })[2]).toMatch(/^e3 has data of a member that the cluster does not count$/)
  })
  test('two authorities are two clusters', () => {
    expect(parts({ e1: whole, e2: { ...whole, ca: 'another' }, e3: whole })).toEqual(names.map(() => 'e3 and e2 have certificate authorities of different clusters'))
  })
  test.each([[0, /no hosts/], [2, /as few may die as of 1/], [4, /as few may die as of 3/], [6, /slower/], [7, /slower/]])('%d members are refused', (count, reason) => {
    const hosts = Array.from({ length: count }, (_, index) => `e${index + 1}`)
    expect(decide('e1', members(...hosts), new Map(hosts.map(host => [host, fresh])))).toMatchObject({ part: 'refused', reason: expect.stringMatching(reason) })
  })
})

test('the authority is handed on by who has it, and made by the first only where nobody has', () => {
  expect(authorityHost(names, new Map([['e1', fresh], ['e2', whole]]))).toBe('e2')
  expect(authorityHost(names, new Map([['e2', fresh], ['e3', fresh]]))).toBe('e2')
  expect(authorityHost(names, new Map())).toBeUndefined()
})

test('who has signed goes on signing while it runs; a newcomer never does', () => {
  expect(signer(names, new Map([['e1', fresh], ['e2', whole], ['e3', { ...whole, signs: true }]]))).toBe('e3')
  expect(signer(names, new Map([['e1', { ...asleep, signs: true }], ['e2', whole]]))).toBe('e2')
  expect(signer(names, new Map([['e2', fresh], ['e3', fresh]]))).toBe('e2')
})

test('what a removal does to the majority is told in numbers', () => {
  const of = (...healthy: readonly boolean[]) => healthy.map(each => ({ healthy: each, learner: false }))
  expect(quorumOf(of(true, true, false), of(false))).toBe('of 3 voters 2 answer and 2 are needed; after this 2 of 2 are needed, so none may fail until the new one votes')
  expect(quorumOf(of(true, true, true, true, false), of(false))).toBe('of 5 voters 4 answer and 3 are needed; after this 3 of 4 are needed, so 1 may fail until the new one votes')
})

test('a member is asked by the etcdctl that it has, not by the one that it is to get', () => {
  expect(lookAtEtcd('/var/lib/etcd').text).toContain('/usr/local/bin/etcdctl')
  expect(lookAtEtcd('/var/lib/etcd').text).not.toContain('/usr/local/lib/etcd')
})

test('a sighting reads what etcdctl prints, started or not, and nothing out of rubbish', () => {
  const seen = parseSighting('data=yes\nmember=8211f1d0f64f3269, started, e1, https://10.0.0.51:2380, https://10.0.0.51:2379, false\nmember=91bc3c398fb3c146, unstarted, , https://10.0.0.52:2380, , true\nmember=sh: not found\n')
  expect(seen).toEqual({
    data: true, attempt: false, ca: undefined, signs: false,
    members: [
      { id: '8211f1d0f64f3269', name: 'e1', peer: 'https://10.0.0.51:2380', client: 'https://10.0.0.51:2379', learner: false },
      { id: '91bc3c398fb3c146', name: '', peer: 'https://10.0.0.52:2380', client: '', learner: true },
    ],
  })
  expect(parseSighting('')).toEqual(fresh)
})
