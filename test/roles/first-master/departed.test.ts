import { describe, expect, test } from 'vitest'
import { sh } from '../../../engine/index.ts'
import { departedMembers } from '../../../roles/first-master/departed.ts'
import { runShell, syntaxError } from '../support/shell.ts'

const member = (id: string, name: string, address: string) => ({ ID: id, name, peerURLs: [`https://${address}:2380`], clientURLs: [`https://${address}:2379`] })
const learner = (id: string, name: string, address: string) => ({ ...member(id, name, address), isLearner: true })
/** Added, and never started. */
const promised = (id: string, address: string) => ({ ID: id, name: '', peerURLs: [`https://${address}:2380`], clientURLs: [], isLearner: true })
const members: readonly object[] = [member('101', 'm1', '10.0.0.21'), member('102', 'm2', '10.0.0.22'), member('103', 'm3', '10.0.0.23')]

/** What would be done about these members when these addresses answer. */
function plan(expected: readonly string[], answering: readonly string[], bare: readonly string[] = [], { unfinished = [], listed = members }: { readonly unfinished?: readonly string[]; readonly listed?: readonly object[] } = {}) {
  const task = departedMembers({ expected, bare, unfinished, kubectl: sh`kubectl` })
  const curl = `for url; do :; done
case $url in
  */member/list) printf %s '${JSON.stringify({ header: { cluster_id: '7', member_id: '102', raft_term: '3' }, members: listed })}' ;;
  ${answering.map(address => `https://${address}:2379/health`).join('|') || 'nobody'}) echo '{"health":"true"}' ;;
  *) exit 7 ;;
esac`
  const { status, stdout, stderr } = runShell(task.probe.command.text, { curl })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const { changes, apply } = task.assess({ status: 0, stdout, stderr: '' }, () => { throw new Error('no source is needed') })
  return { changes: changes.map(change => `${change.effect} ${change.attribute}${change.effect === 'destroys' && change.permitted ? ', permitted' : ''}`), script: apply().command.text }
}

describe('control planes that left', () => {
  test('a dead one that is in the inventory no more loses its membership and its node, if that is allowed', () => {
    const { changes, script } = plan(['10.0.0.22', '10.0.0.23', '10.0.0.24'], ['10.0.0.22', '10.0.0.23'])
    expect(changes).toEqual(['destroys membership of m1'])
    expect(script).toContain(`-d '{"ID":"101"}' https://127.0.0.1:2379/v3/cluster/member/remove`)
    expect(script).toContain('for node in m1;')
    expect(syntaxError(script)).toBeUndefined()
  })
  test('one that came back with an empty disk loses it without being asked for', () => {
    const { changes, script } = plan(['10.0.0.22', '10.0.0.23'], ['10.0.0.22', '10.0.0.23'], ['10.0.0.21', '10.0.0.24'])
    expect(changes).toEqual(['destroys membership of m1, permitted'])
    expect(script).toContain(`-d '{"ID":"101"}' https://127.0.0.1:2379/v3/cluster/member/remove`)
  })
  test.each([
    ['learns, and answers', learner('103', 'm3', '10.0.0.23'), ['10.0.0.21', '10.0.0.22', '10.0.0.23']],
    ['learns, and does not answer', learner('103', 'm3', '10.0.0.23'), ['10.0.0.21', '10.0.0.22']],
    ['was added and never started', promised('103', '10.0.0.23'), ['10.0.0.21', '10.0.0.22']],
  ])('one whose join died loses it while it %s; its node is left to the clean-up on its own host', (_, third, answering) => {
    const listed = [...members.slice(0, 2), third]
    const { changes, script } = plan(['10.0.0.21', '10.0.0.22', '10.0.0.23'], answering, [], { unfinished: ['10.0.0.23'], listed })
    expect(changes).toEqual([`destroys membership of ${'name' in third && third.name ? third.name : 'https://10.0.0.23:2380'}, permitted`])
    expect(script).toContain(`-d '{"ID":"103"}' https://127.0.0.1:2379/v3/cluster/member/remove`)
    expect(script).toContain('for node in ;')
    expect(syntaxError(script)).toBeUndefined()
  })
  test('one that was added, never started and came back with an empty disk loses it', () => {
    expect(plan(['10.0.0.21', '10.0.0.22'], ['10.0.0.21', '10.0.0.22'], ['10.0.0.23'], { listed: [...members.slice(0, 2), promised('103', '10.0.0.23')] }).changes).toEqual(['destroys membership of https://10.0.0.23:2380, permitted'])
  })
  test.each([
    ['a voter on whose host a join died: it may hold what others rely on', members, ['10.0.0.23']],
    ['a learner that somebody else adds', [...members.slice(0, 2), learner('103', 'm3', '10.0.0.23')], []],
    ['a member that somebody else adds', [...members.slice(0, 2), promised('103', '10.0.0.23')], []],
  ])('%s stays', (_, listed, unfinished) => {
    expect(plan(['10.0.0.21', '10.0.0.22', '10.0.0.23'], ['10.0.0.21', '10.0.0.22', '10.0.0.23'], [], { unfinished, listed }).changes).toEqual([])
  })
  test('whichever is last in etcd’s list is seen, too', () => {
    expect(plan(['10.0.0.21', '10.0.0.22'], ['10.0.0.21', '10.0.0.22']).changes).toEqual(['destroys membership of m3'])
  })
  test.each<[string, readonly string[], readonly string[]]>([
    ['a dead one that is still in the inventory', ['10.0.0.21', '10.0.0.22', '10.0.0.23'], ['10.0.0.22', '10.0.0.23']],
    ['one that answers, whoever it belongs to', ['10.0.0.22', '10.0.0.23'], ['10.0.0.21', '10.0.0.22', '10.0.0.23']],
  ])('%s stays', (_, expected, answering) => {
    expect(plan(expected, answering).changes).toEqual([])
  })
})
