import { fact, sh } from 'ts-play'
import { attemptMark } from '../kubernetes/attempt.ts'

/**
 * NAME:PORT by which a member of a cluster knows its API; `undefined` on a host that is none, and where an attempt of ours to join has not ended. On control planes
 * it is the administrator's, because the kubelet there asks its own machine.
 */
export const endpointInUse = fact({
  name: 'endpoint-in-use',
  query: sh`
    [ ! -e ${attemptMark} ] || exit 0
    for file in admin.conf kubelet.conf; do
      if [ -s "/etc/kubernetes/$file" ]; then sed -n 's/^ *server: *//p' "/etc/kubernetes/$file"; break; fi
    done`,
  parse: stdout => /https:\/\/(\S+:\d+)/.exec(stdout)?.[1],
})
