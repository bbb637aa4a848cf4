import { sh, type Command } from 'ts-play'
import { askEtcd, askExternalEtcd } from '../kubernetes/etcd-health.ts'

export interface Place {
  /** Where the API is reached: NAME:PORT. */
  readonly endpoint: string
  /** The address that one host holds at a time, if there is one. */
  readonly vip: string | undefined
  /** The host's own address in the cluster. */
  readonly address: string
  readonly bindPort: number
  readonly backupFolder: string
}

/**
 * One look at everything on a host that can be ill, whatever part it has. Exits 0 whatever it finds; each line is `key=value`.
 * curl answers with the body or with its own complaint, so that the reader sees why something is silent.
 */
export function lookAtHealth({ endpoint, vip, address, bindPort, backupFolder }: Place): Command {
  return sh`
    ask() { curl -ksS --connect-timeout 2 --max-time 5 "$1" 2>&1 | head -c 200 | tr '\\n' ' '; }
    say() { printf '%s=%s\\n' "$1" "$(printf %s "$2" | tr '\\n' ' ')"; }
    pem() { say "certificate" "$1 $(sed -n '/BEGIN CERT/,/END CERT/{p;/END CERT/q;}' | tr -d '\\n')"; }
    look_at_etcd() {
      members=$(etcd -d '{}' https://127.0.0.1:2379/v3/cluster/member/list)
      say etcd-members "$members"
      for url in $(printf %s "$members" | grep -o '"clientURLs":."[^"]*' | sed 's/.*"//'); do
        say etcd-health "$url $(etcd "$url/health")"
        say etcd-status "$url $(etcd -d '{}' "$url/v3/maintenance/status")"
      done
      say etcd-alarms "$(etcd -d '{"action":"GET"}' https://127.0.0.1:2379/v3/maintenance/alarm)"
    }
    for unit in containerd kubelet haproxy keepalived etcd; do
      case $(systemctl is-enabled "$unit" 2>/dev/null) in enabled*) say unit "$unit $(systemctl is-active "$unit" 2>/dev/null)" ;; esac
    done
    [ "$(wc -l </proc/swaps)" -le 1 ] || say swap on
    say now "$(date +%s)"
    say endpoint "$(ask ${`https://${endpoint}/readyz`})"
    ${vip === undefined ? sh`` : sh`if ip -o -4 address show 2>/dev/null | grep -qF ${` ${vip}/`}; then say vip held; fi`}
    if [ -e /etc/systemd/system/ts-play-etcd-backup.timer ]; then
      say backup-run "$(systemctl is-failed ts-play-etcd-backup.service 2>/dev/null)"
      say backup-newest "$(find ${backupFolder} -maxdepth 1 -name 'etcd-*.tar*' 2>/dev/null | sed 's|.*/||' | sort | tail -n 1)"
      say backup-stored "$(cat ${`${backupFolder}/stored`} 2>/dev/null)"
    fi
    if [ -s /etc/etcd/pki/client.key ]; then
      say etcd-host yes
      for file in /etc/etcd/pki/*.crt; do if [ -s "$file" ]; then pem "$file" <"$file"; fi; done
      etcd() { ${askExternalEtcd} "$@" 2>/dev/null | tr -d '\\n'; }
      look_at_etcd
    fi
    cd /etc/kubernetes 2>/dev/null || exit 0
    [ -s kubelet.conf ] || exit 0
    say node "$(kubectl --kubeconfig kubelet.conf --request-timeout=5s get node "$(uname -n)" -o ${'jsonpath={.status.conditions[?(@.type=="Ready")].status} {.status.addresses[?(@.type=="InternalIP")].address} {.status.nodeInfo.kubeletVersion}'} 2>&1)"
    [ -s manifests/kube-apiserver.yaml ] || exit 0
    say api-server "$(ask ${`https://${address}:${bindPort}/readyz`})"
    say scheduler "$(ask https://127.0.0.1:10259/healthz)"
    say controller-manager "$(ask https://127.0.0.1:10257/healthz)"
    say super-admin "$(grep -l super-admin.conf manifests/*.yaml 2>/dev/null)"
    for file in pki/*.crt pki/etcd/*.crt etcd-client/*.crt; do if [ -s "$file" ]; then pem "$file" <"$file"; fi; done
    for file in admin.conf controller-manager.conf scheduler.conf; do
      if [ -s "$file" ]; then sed -n 's/.*client-certificate-data: *//p' "$file" | base64 -d 2>/dev/null | pem "$file"; fi
    done
    kubectl() { command kubectl --kubeconfig admin.conf --server ${`https://${address}:${bindPort}`} --request-timeout=10s "$@" 2>/dev/null; }
    kubectl get nodes -o ${'jsonpath={range .items[*]}listed={.metadata.name} {.status.conditions[?(@.type=="Ready")].status} {.status.nodeInfo.kubeletVersion}{"\\n"}{end}'}
    kubectl get deployments,daemonsets --all-namespaces -o ${'jsonpath={range .items[*]}workload={.metadata.namespace} {.kind} {.metadata.name} {.spec.replicas}{.status.desiredNumberScheduled} {.status.availableReplicas}{.status.numberAvailable}{"\\n"}{end}'}
    if kubectl get secret -n kube-system kubeadm-certs -o name >/dev/null; then say uploaded-certificates yes; fi
    [ -s manifests/etcd.yaml ] || exit 0
    etcd() { ${askEtcd} "$@" 2>/dev/null | tr -d '\\n'; }
    look_at_etcd`
}
