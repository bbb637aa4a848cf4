import { describe, expect, test } from 'vitest'
import { cleanUp } from '../../../roles/kubernetes/clean-up.ts'
import { runShell } from '../support/shell.ts'

const task = cleanUp({
  host: 'm3', nodeName: 'm3', address: '10.0.0.23', etcdDataDirectory: '/nowhere/etcd', others: ['10.0.0.21', '10.0.0.22'],
  seen: { attempt: true, etcdMember: 'unknown', evidence: [] },
})
const member = (id: string, address: string): object => ({ ID: id, name: '', peerURLs: [`https://${address}:2380`] })
const list = JSON.stringify({ header: { member_id: '101' }, members: [member('101', '10.0.0.21'), member('102', '10.0.0.22'), member('103', '10.0.0.23')] })

/** What the clean-up did where the other members answer like this: shell code, with the URL in $url. */
function done(answer: string, { certified = true } = {}) {
  const probed = task.assess({ status: 0, stdout: '0\n1\n1\n1\n1\n1\n', stderr: '' }, () => { throw new Error('no source is needed') })
  const script = probed.apply().command.text.replaceAll('/etc/kubernetes/pki/etcd/healthcheck-client.key', certified ? '/etc/passwd' : '/nowhere/key')
  const { status, stdout, stderr } = runShell(script, {
    curl: `for url; do :; done\n${answer}`,
    kubeadm: 'echo "kubeadm $*"',
    rm: 'echo "rm $*"',
  })
  return { status, reset: stdout.includes('kubeadm reset'), stderr: stderr.trim() }
}

describe('what a join left that died', () => {
  test('is taken out of etcd before its data goes', () => {
    expect(done(`case $url in */member/list) printf %s '${list}' ;; https://10.0.0.21:2379/v3/cluster/member/remove) echo '{}' ;; *) exit 7 ;; esac`)).toEqual({ status: 0, reset: true, stderr: '' })
  })
  test('is taken out by the second of the others where the first is not there', () => {
    expect(done(`case $url in https://10.0.0.22:2379/*/list) printf %s '${list}' ;; https://10.0.0.22:2379/*/remove) echo '{}' ;; *) exit 7 ;; esac`)).toEqual({ status: 0, reset: true, stderr: '' })
  })
  test('goes at once where etcd does not know it', () => {
    expect(done(`case $url in */member/list) printf %s '${JSON.stringify({ members: [member('101', '10.0.0.21')] })}' ;; *) exit 7 ;; esac`)).toEqual({ status: 0, reset: true, stderr: '' })
  })
  test('stays as it is where etcd has no quorum to let it go', () => {
    expect(done(`case $url in */member/list) printf %s '${list}' ;; *) exit 28 ;; esac`)).toEqual({ status: 1, reset: false, stderr: 'etcd at 10.0.0.21 does not let m3 go: nothing was cleaned up' })
  })
  test('stays as it is where nobody says whether it has a vote', () => {
    expect(done('exit 7')).toEqual({ status: 1, reset: false, stderr: 'no other member of etcd says whether m3 has a vote, and nothing was cleaned up' })
  })
  test('goes where it has no certificate for etcd yet: it was never added', () => {
    expect(done('exit 58', { certified: false })).toEqual({ status: 0, reset: true, stderr: '' })
  })
})
