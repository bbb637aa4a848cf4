import { command, handler, sh, type Handler } from 'ts-play'
import { k3sEtcdIsHealthy, type Expected } from './etcd.ts'
import { k3sPaths } from './paths.ts'

/**
 * Restarts a server for settings that changed, and only while all others are well: with three of them, one that restarts beside one that is ill is the end of the
 * quorum. It ends when all are well again, and servers are played one at a time. A server that does not run is left to what starts it.
 */
export function restartServer(expected: Expected): Handler {
  return handler(
    'restart k3s',
    command({
      name: 'restart k3s while every server is well',
      onlyIf: sh`systemctl is-active k3s`,
      run: sh`
    well() ( [ ! -d ${k3sPaths.etcdWal} ] || { ${k3sEtcdIsHealthy(expected)}
    } )
    well
    systemctl restart k3s
    for _ in $(seq 60); do
      ! well 2>/dev/null || exit 0
      sleep 2
    done
    well`,
    }),
  )
}

export const restartAgent = handler('restart k3s-agent', command({ name: 'restart k3s-agent if it runs', onlyIf: sh`systemctl is-active k3s-agent`, run: sh`systemctl restart k3s-agent` }))
