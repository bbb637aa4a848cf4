import { describe, expect, test } from 'vitest'
import { classifyK3s } from '../../../roles/k3s/classify.ts'
import { hashOf, parseK3sEvidence, type K3sEvidence } from '../../../roles/k3s/evidence.ts'
import { caHashOfPem, caPem, onOneLine } from '../support/certificates.ts'

const nothing: K3sEvidence = { version: undefined, server: 'absent', agent: 'absent', datastore: 'none', ca: undefined, agentCa: undefined, apiServer: 'silent', node: 'unknown', etcdMember: 'unknown', attempt: false }
const server: K3sEvidence = { ...nothing, version: 'v1.34.2+k3s1', server: 'active', datastore: 'etcd', ca: 'ours', agentCa: 'ours', apiServer: 'ready', node: 'present', etcdMember: 'voter' }
const agent: K3sEvidence = { ...nothing, version: 'v1.34.2+k3s1', agent: 'active', agentCa: 'ours', node: 'present' }

const asServer = (changes: Partial<K3sEvidence>, endpointCa: string | undefined = 'ours') => classifyK3s({ ...server, ...changes }, { part: 'server', endpointCa })
const asAgent = (changes: Partial<K3sEvidence>, endpointCa: string | undefined = 'ours') => classifyK3s({ ...agent, ...changes }, { part: 'agent', endpointCa })

describe('a server', () => {
  test.each<[string, Partial<K3sEvidence>, string]>([
    ['a bare machine', nothing, 'fresh'],
    ['one that has the software only', { ...nothing, version: 'v1.34.2+k3s1', server: 'inactive' }, 'fresh'],
    ['a voter', {}, 'joined'],
    ['one with SQLite', { datastore: 'sqlite', etcdMember: 'unknown' }, 'joined'],
    ['a learner', { etcdMember: 'learner' }, 'broken'],
    ['a learner of ours', { etcdMember: 'learner', attempt: true }, 'partial'],
    ['one that was taken out of etcd', { etcdMember: 'none' }, 'broken'],
    ['one that is stopped', { server: 'inactive', apiServer: 'silent', node: 'unknown', etcdMember: 'unknown' }, 'broken'],
    ['our first start that died', { server: 'inactive', datastore: 'none', apiServer: 'silent', node: 'unknown', etcdMember: 'unknown', attempt: true }, 'partial'],
    ['one without its Node', { node: 'missing' }, 'broken'],
    ['an agent', agent, 'broken'],
  ])('%s', (_, seen, state) => {
    expect(asServer(seen).state).toBe(state)
  })
  test('of another cluster', () => {
    expect(asServer({}, 'theirs')).toMatchObject({ state: 'foreign', evidence: [expect.stringContaining('its CA ours is not the endpoint'), expect.any(String), expect.any(String)] })
    expect(classifyK3s(server, { part: 'server', endpointCa: undefined }).state).toBe('joined')
  })
  test('SQLite is a member of no etcd, whatever a port answered', () => {
    expect(asServer({ datastore: 'sqlite', etcdMember: 'voter' }).etcdMember).toBe('none')
  })
})

describe('an agent', () => {
  test.each<[string, Partial<K3sEvidence>, string]>([
    ['a bare machine', nothing, 'fresh'],
    ['one that is in', {}, 'joined'],
    ['one that holds a server', { datastore: 'etcd' }, 'broken'],
    ['one that is stopped', { agent: 'inactive', node: 'unknown' }, 'broken'],
    ['our join that died', { agent: 'active', node: 'missing', attempt: true }, 'partial'],
  ])('%s', (_, seen, state) => {
    expect(asAgent(seen).state).toBe(state)
  })
  test('of another cluster', () => expect(asAgent({ agentCa: 'theirs' }).state).toBe('foreign'))
})

describe('evidence', () => {
  const members = '{"header":{},"members":[{"ID":"1","name":"s1-0a1b2c3d","peerURLs":["https://10.0.0.21:2380"]},{"ID":"2","name":"s2-11111111","peerURLs":["https://10.0.0.22:2380"],"isLearner":true}]}'
  test('of a server', () => {
    const seen = parseK3sEvidence(
      `version=k3s version v1.34.2+k3s1 (1234abcd)\nk3s=active\ndatastore=etcd\nca=${onOneLine(caPem)}\nreadyz=ok\nnode=node/s1 \nmember=s1-0a1b2c3d\nmembers=${members}\nattempt=yes\n`,
    )
    expect(seen).toEqual({ version: 'v1.34.2+k3s1', server: 'active', agent: 'absent', datastore: 'etcd', ca: caHashOfPem, agentCa: undefined, apiServer: 'ready', node: 'present', etcdMember: 'voter', attempt: true })
  })
  test('its member of etcd is the one of its name', () => {
    const memberOf = (name: string): string => parseK3sEvidence(`member=${name}\nmembers=${members}`).etcdMember
    expect([memberOf('s1-0a1b2c3d'), memberOf('s2-11111111'), memberOf('s1-ffffffff'), memberOf('')]).toEqual(['voter', 'learner', 'none', 'none'])
    expect(parseK3sEvidence('member=s1-0a1b2c3d\nmembers=').etcdMember).toBe('unknown')
  })
  test('a unit that is there and fails is not absent', () => {
    expect(parseK3sEvidence('k3s=activating')).toMatchObject({ server: 'inactive', agent: 'absent' })
  })
  test('the first certificate of what /cacerts answers', () => {
    expect(hashOf(onOneLine(caPem + caPem))).toBe(caHashOfPem)
    expect(hashOf('404 page not found')).toBeUndefined()
  })
})
