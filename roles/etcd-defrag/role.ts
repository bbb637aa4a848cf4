import { assert, command, fact, role, sh, z, type Command } from 'ts-play'
import { etcdTools, installEtcdTools } from '../kubernetes/etcd-tools.ts'

/** Which member of etcd is on a host: of ours by systemd, or kubeadm's in a static pod. */
const memberHere = fact({
  name: 'etcd-member-here',
  query: sh`
    if [ -s /etc/etcd/pki/client.key ]; then echo external
    elif [ -s /etc/kubernetes/manifests/etcd.yaml ]; then echo stacked; fi`,
  parse: (stdout): 'external' | 'stacked' | 'none' => {
    const found = stdout.trim()
    return found === 'external' || found === 'stacked' ? found : 'none'
  },
})

/**
 * Gives back to the file system what etcd has freed inside its file: a member answers nobody meanwhile. Played with `serial: 1`; a leader hands over its lead first, and
 * each turn begins and ends with all members well. Where little would be won nothing is done.
 */
export const etcdDefrag = role('etcd-defrag', {
  vars: {
    defragAbove: z.int().min(0).max(99).default(30).describe('Percent of etcd’s file that has to be free before it is defragmented'),
  },
  facts: { memberHere },
  skip: ({ facts }) => (facts.memberHere === 'none' ? 'no member of etcd is here' : undefined),
  tasks: ({ host, vars, facts }) => {
    const etcdctl = clientOf(facts.memberHere)
    return [
      assert({ name: 'a member is here', that: facts.memberHere !== 'none', message: `no member of etcd is on ${host.name}`, remedy: 'run it on hosts of the groups etcd and masters' }),
      ...(facts.memberHere === 'stacked' ? [installEtcdTools()] : []),
      command({ name: 'defragment etcd', run: defragment(etcdctl), unless: isCompact(etcdctl, vars.defragAbove), timeout: 20 * 60_000 }),
    ]
  },
})

function clientOf(member: 'external' | 'stacked' | 'none'): Command {
  const pki = '/etc/kubernetes/pki/etcd'
  return member === 'external'
    ? sh`/usr/local/bin/etcdctl --cacert /etc/etcd/pki/ca.crt --cert /etc/etcd/pki/client.crt --key /etc/etcd/pki/client.key --endpoints https://127.0.0.1:2379`
    : sh`${`${etcdTools}/etcdctl`} --cacert ${`${pki}/ca.crt`} --cert ${`${pki}/healthcheck-client.crt`} --key ${`${pki}/healthcheck-client.key`} --endpoints https://127.0.0.1:2379`
}

/** Numbers of this member's own status. */
const numbers = sh`
    number() { printf '%s' "$status" | sed -n "s/.*\\"$1\\":\\([0-9]*\\).*/\\1/p"; }`

function isCompact(etcdctl: Command, above: number): Command {
  return sh`${numbers}
    status=$(${etcdctl} endpoint status -w json)
    size=$(number dbSize) used=$(number dbSizeInUse)
    [ $(( (size - used) * 100 )) -le $(( size * ${above} )) ]`
}

/** All members are asked to be well before and after: a majority has to do without this one for a moment. */
function defragment(etcdctl: Command): Command {
  return sh`${numbers}
    well() { ${etcdctl} endpoint health --cluster >/dev/null 2>&1; }
    well || { ${etcdctl} endpoint health --cluster >&2; echo 'a member is not well: nothing is defragmented before it is' >&2; exit 1; }
    members=$(${etcdctl} member list)
    status=$(${etcdctl} endpoint status -w json)
    own=$(printf '%x' "$(number member_id)") leader=$(printf '%x' "$(number leader)")
    if [ "$own" = "$leader" ]; then
      heir=$(printf '%s\\n' "$members" | awk -F', ' -v own="$own" '$1 != own && $6 == "false" { print $1; exit }')
      [ -z "$heir" ] || ${etcdctl} move-leader "$heir"
    fi
    ${etcdctl} --command-timeout 15m defrag
    tries=0
    until well; do
      tries=$((tries + 1))
      [ $tries -lt 60 ] || { echo 'not every member is well a minute later' >&2; exit 1; }
      sleep 1
    done`
}
