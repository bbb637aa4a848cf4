import { describe, expect, test } from 'vitest'
import { etcdIsHealthy, sickMembers } from '../../../roles/kubernetes/etcd-health.ts'
import { runShell } from '../support/shell.ts'

interface Member {
  readonly name: string
  readonly learner?: boolean
  readonly started?: boolean
  readonly healthy?: boolean
}

/** A curl that answers for an etcd of these members, each at https://NAME:2379. */
function fakeCurl(members: readonly Member[], alarm = false): string {
  const list = members.map(({ name, learner, started = true }) => ({ ID: '1', name, peerURLs: [`https://${name}:2380`], ...(started ? { clientURLs: [`https://${name}:2379`] } : {}), ...(learner ? { isLearner: true } : {}) }))
  const sick = members.filter(({ healthy = true }) => !healthy).map(({ name }) => `https://${name}:2379/health`)
  return `for url; do :; done
case $url in
  */member/list) echo '${JSON.stringify({ header: {}, members: list })}' ;;
  */alarm) echo '{"header":{}${alarm ? ',"alarms":[{"memberID":"1","alarm":"NOSPACE"}]' : ''}}' ;;
  ${sick.length > 0 ? `${sick.join('|')}) exit 7 ;;` : ''}
  */health) echo '{"health":"true","reason":""}' ;;
esac`
}

const inventory = ['cp1', 'cp2', 'cp3'].map(name => `https://${name}:2379`)
const judge = (members: readonly Member[], alarm = false) => {
  const { status, stderr } = runShell(`set -eu\n${etcdIsHealthy(inventory).text}`, { curl: fakeCurl(members, alarm) })
  return status === 0 ? 'healthy' : stderr.trim()
}

describe('etcd may take or has taken a member', () => {
  test.each<[string, readonly Member[], string]>([
    ['one member', [{ name: 'cp1' }], 'healthy'],
    ['three members', [{ name: 'cp1' }, { name: 'cp2' }, { name: 'cp3' }], 'healthy'],
    ['a learner on its way', [{ name: 'cp1' }, { name: 'cp2', learner: true }], 'etcd: a member is still a learner (https://cp2:2380): if its host will not come, etcdctl member list names it and member remove takes it out'],
    ['a member that was added and has not started', [{ name: 'cp1' }, { name: 'cp9', started: false }], 'etcd: a member was added and has not started (https://cp9:2380): if its host will not come, etcdctl member list names it and member remove takes it out'],
    ['a sick member of the inventory', [{ name: 'cp1' }, { name: 'cp2', healthy: false }, { name: 'cp3' }], 'etcd: the member at https://cp2:2379 is not healthy'],
    ['a dead member that nobody in the inventory answers for', [{ name: 'old', healthy: false }, { name: 'cp2' }, { name: 'cp3' }], 'healthy'],
    ['two dead of three', [{ name: 'old', healthy: false }, { name: 'older', healthy: false }, { name: 'cp3' }], 'etcd: only 1 of 3 members are healthy: one more would cost the quorum'],
  ])('%s', (_, members, verdict) => {
    expect(judge(members)).toBe(verdict)
  })

  test('an alarm', () => {
    expect(judge([{ name: 'cp1' }], true)).toBe('etcd: an alarm is raised: see etcdctl alarm list')
  })

  test('an etcd that does not answer', () => {
    const { status, stderr } = runShell(`set -eu\n${etcdIsHealthy(inventory).text}`, { curl: 'exit 7' })
    expect([status, stderr.trim()]).toEqual([1, 'etcd: the member of this host does not answer'])
  })
})

test('members that do not answer are named', () => {
  const { stdout } = runShell(`set -eu\n${sickMembers.text}`, { curl: fakeCurl([{ name: 'cp1', healthy: false }, { name: 'cp2' }, { name: 'cp3', healthy: false }]) })
  expect(stdout).toBe('https://cp1:2379\nhttps://cp3:2379\n')
})
