import { sh, type Command } from 'ts-play'
import { listAlarms, listMembers, localEtcdHealth } from '../k3s/etcd.ts'
import { agentKubectl, k3sKubectl } from '../k3s/kubectl.ts'
import { k3sPaths } from '../k3s/paths.ts'

export interface Place {
  /** NAME:PORT. */
  readonly endpoint: string
  readonly vip: string | undefined
  readonly address: string
  readonly bindPort: number
}

const ready = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'
const eachNode = 'jsonpath={range .items[*]}listed={.metadata.name} {.status.conditions[?(@.type=="Ready")].status} {.status.nodeInfo.kubeletVersion}{"\\n"}{end}'

/** One look at everything that can be ill on a host, whatever part it has. Exits 0 whatever it finds; each line is `key=value`. */
export function lookAtK3s({ endpoint, vip, address, bindPort }: Place): Command {
  return sh`
    ask() { curl -ksS --connect-timeout 2 --max-time 5 "$1" 2>&1 | head -c 200 | tr '\\n' ' '; }
    say() { printf '%s=%s\\n' "$1" "$(printf %s "$2" | tr '\\n' ' ')"; }
    say endpoint "$(ask ${`https://${endpoint}/readyz`})"
    ${vip === undefined ? sh`` : sh`if ip -o -4 address show 2>/dev/null | grep -qF ${` ${vip}/`}; then say vip held; fi`}
    for unit in k3s k3s-agent; do
      case $(systemctl is-enabled "$unit" 2>/dev/null) in enabled*) say unit "$(systemctl is-active "$unit" 2>/dev/null)" ;; esac
    done
    [ -x ${k3sPaths.binary} ] || exit 0
    say version "$(${k3sPaths.binary} --version 2>/dev/null | head -n 1)"
    name=$(uname -n | tr A-Z a-z)
    if [ ! -s ${k3sPaths.kubeconfig} ]; then
      [ ! -s ${k3sPaths.agentKubeconfig} ] || say node "$(${agentKubectl} get node "$name" -o ${ready} 2>&1)"
      exit 0
    fi
    say node "$(${k3sKubectl} get node "$name" -o ${ready} 2>&1)"
    say api-server "$(ask ${`https://${address}:${bindPort}/readyz`})"
    ${k3sKubectl} get nodes -o ${eachNode} 2>/dev/null
    [ -d ${k3sPaths.etcdWal} ] || exit 0
    say etcd "$(${localEtcdHealth} 2>&1)"
    say members "$(${listMembers} 2>/dev/null)"
    say alarms "$(${listAlarms} 2>/dev/null)"
    newest=$(ls -t ${`${k3sPaths.data}/server/db/snapshots`} 2>/dev/null | head -n 1)
    [ -z "$newest" ] || say snapshot "$(($(date +%s) - $(stat -c %Y ${`${k3sPaths.data}/server/db/snapshots/`}"$newest")))"`
}
