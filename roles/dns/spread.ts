import { sh, type Command } from 'ts-play'

/** Exits 0 when the pods of CoreDNS are not all on one node, or there is no second one to go to. */
export function isSpread(kubectl: Command): Command {
  return sh`
    homes=$(${kubectl} get pods --namespace kube-system --selector k8s-app=kube-dns -o ${'jsonpath={range .items[*]}{.spec.nodeName}{"\\n"}{end}'} | grep . | sort)
    ready=$(${kubectl} get nodes -o ${'jsonpath={range .items[*]}{.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}'} | grep -c True || true)
    [ "$(printf '%s\\n' "$homes" | wc -l)" -lt 2 ] || [ "$ready" -lt 2 ] || [ "$(printf '%s\\n' "$homes" | uniq | wc -l)" -ge 2 ]`
}
