import { sh, waitFor, type Task } from 'ts-play'
import { etcdctl } from './places.ts'

export interface Gate {
  readonly sha256: string
  /** Client URLs of the members that have to be well: those of hosts that could be asked. */
  readonly expected: readonly string[]
}

/**
 * Waits until etcd is as it has to be before anybody else is touched: each of these members well by its own answer, all with one leader, none still learning, no
 * alarm. What a dead machine's member is like stops nobody here; what its removal costs is told where it is removed.
 */
export function etcdIsWell({ sha256, expected }: Gate): Task {
  return waitFor({
    name: 'etcd is well',
    until: sh`
    problem() { echo "etcd: $*" >&2; exit 1; }
    members=$(${etcdctl(sha256, ['https://127.0.0.1:2379'])} member list) || problem 'the member of this host does not answer'
    for url in ${expected}; do printf '%s\\n' "$members" | grep -qF "$url," || problem "$url is no member"; done
    case $members in *', true'*) problem 'a member is still a learner' ;; esac
    ${etcdctl(sha256, expected)} endpoint health >/dev/null || problem 'not every member is healthy'
    leaders=$(${etcdctl(sha256, expected)} endpoint status -w json | grep -o '"leader":[0-9]*' | sort -u | wc -l)
    [ "$leaders" -eq 1 ] || problem 'its members do not agree on a leader'
    alarms=$(${etcdctl(sha256, ['https://127.0.0.1:2379'])} alarm list)
    [ -z "$alarms" ] || problem "an alarm is raised: $alarms"`,
    timeout: 240_000,
    every: 2000,
    attempt: 60_000,
  })
}
