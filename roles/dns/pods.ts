import { sh, type Command } from 'ts-play'
import type { DnsPod } from '../outputs.ts'

/** Pods of CoreDNS, one line each: node, address, whether it is Ready, and since when it is on its way out. */
export function podsQuery(kubectl: Command): Command {
  return sh`${kubectl} get pods --namespace kube-system --selector k8s-app=kube-dns -o ${'jsonpath={range .items[*]}{.spec.nodeName} {.status.podIP} {.status.conditions[?(@.type=="Ready")].status} {.metadata.deletionTimestamp}{"\\n"}{end}'}`
}

/** Those that answer, and stay. */
export function parsePods(stdout: string): readonly DnsPod[] {
  return stdout.split('\n').flatMap(line => {
    const [node = '', address = '', ready, leaving = ''] = line.split(' ')
    return ready === 'True' && leaving.trim() === '' ? [{ node, address }] : []
  })
}
