import { describe, expect, test } from 'vitest'
import { isVoter, k3sEtcdIsHealthy } from '../../../roles/k3s/etcd.ts'
import { runShell } from '../support/shell.ts'

/** etcd's JSON gateway and `/readyz` of the servers, played by a curl. */
const curl = ({ members, sick = [], alarms = '{"header":{}}', quorum = true }: { members: string; sick?: readonly string[]; alarms?: string; quorum?: boolean }): Record<string, string> => ({
  curl: `for url; do :; done
case $url in
  */member/list) echo '${members}' ;;
  */maintenance/alarm) echo '${alarms}' ;;
  http://127.0.0.1:2381/health) echo '{"health":"${quorum}","reason":""}' ;;
  ${sick.map(address => `https://${address}:*/readyz) exit 7 ;;`).join('\n  ')}
  */readyz) printf ok ;;
  *) exit 22 ;;
esac`,
})
const member = (id: number, extra = ''): string => `{"ID":"${id}","name":"s${id}-0000000${id}","peerURLs":["https://10.0.0.2${id}:2380"],"clientURLs":["https://10.0.0.2${id}:2379"]${extra}}`
const list = (...all: readonly string[]): string => `{"header":{"cluster_id":"7"},"members":[${all.join(',')}]}`
const three = list(member(1), member(2), member(3))
const servers = ['10.0.0.21', '10.0.0.22', '10.0.0.23']
const judged = (fakes: Record<string, string>, expected = servers): string => {
  const { status, stderr } = runShell(k3sEtcdIsHealthy({ bindPort: 6443, servers: expected }).text, fakes)
  return status === 0 ? 'healthy' : stderr.trim()
}

describe('etcd is healthy', () => {
  test('with three voters that are well, and with one', () => {
    expect(judged(curl({ members: three }))).toBe('healthy')
    expect(judged(curl({ members: list(member(1)) }))).toBe('healthy')
  })
  test.each<[string, Record<string, string>, RegExp]>([
    ['a learner is on its way', curl({ members: list(member(1), member(2, ',"isLearner":true')) }), /still a learner/],
    ['somebody was added and has not started', curl({ members: list(member(1), '{"ID":"2","peerURLs":["https://10.0.0.22:2380"],"isLearner":false}') }), /added and has not started/],
    ['a server of the inventory is ill', curl({ members: three, sick: ['10.0.0.23'] }), /the server at 10\.0\.0\.23 is not well/],
    ['an alarm is raised', curl({ members: three, alarms: '{"alarms":[{"memberID":"1","alarm":"NOSPACE"}]}' }), /an alarm is raised/],
    ['there is no quorum', curl({ members: three, quorum: false }), /sees no quorum/],
    ['nobody answers', { curl: 'exit 7' }, /does not answer/],
    ['something else answers', { curl: 'echo 404 page not found' }, /does not say who is in/],
  ])('not while %s', (_, fakes, problem) => {
    expect(judged(fakes)).toMatch(problem)
  })
  test('a dead server that the inventory has forgotten costs nothing as long as there is a quorum for one more', () => {
    expect(judged(curl({ members: three, sick: ['10.0.0.23'] }), servers.slice(0, 2))).toBe('healthy')
    expect(judged(curl({ members: list(member(1), member(2)), sick: ['10.0.0.22'] }), servers.slice(0, 1))).toBe('healthy')
    expect(judged(curl({ members: three, sick: ['10.0.0.22', '10.0.0.23'] }), servers.slice(0, 1))).toMatch(/only 1 of 3 servers are well/)
  })
})

test('a member votes by its own address', () => {
  const members = list(member(1), member(2, ',"isLearner":true'))
  const asked = (address: string): string => {
    const { status, stderr } = runShell(isVoter(address).text, curl({ members }))
    return status === 0 ? 'voter' : stderr.trim()
  }
  expect(asked('10.0.0.21')).toBe('voter')
  expect(asked('10.0.0.22')).toMatch(/still a learner/)
  expect(asked('10.0.0.2')).toMatch(/not in the member list/)
})
