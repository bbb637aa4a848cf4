import { sh, type Command } from 'ts-play'
import type { DnsPod } from '../outputs.ts'

/**
 * Exits 0 when CoreDNS answers here from other nodes, asked by this host and, where a pod of CoreDNS is on it, from inside that pod's own network: node to pod, and pod to pod, both
 * ways, because an answer has to find back. It asks what the kubelet asks (`/ready`), so it needs no image, no pod and no program but curl and nsenter.
 */
export function reachesPods(own: string, pods: readonly DnsPod[]): Command {
  const others = pods.filter(({ node }) => node !== own).map(({ address }) => address)
  const [here = ''] = pods.filter(({ node }) => node === own).map(({ address }) => address)
  return sh`
    failed=0
    ask() { # FROM ADDRESS COMMAND…
      from=$1 address=$2; shift 2
      [ "$("$@" curl -s -o /dev/null -w '%{http_code}' --noproxy '*' --connect-timeout 2 --max-time 4 "http://$address:8181/ready")" = 200 ] || { echo "$from does not reach the pod at $address" >&2; failed=1; }
    }
    within=
    here=${here}
    if [ -n "$here" ]; then
      for each in /run/netns/*; do
        if nsenter --net="$each" ip -o -4 address show 2>/dev/null | grep -qF " $here/"; then within=$each; fi
      done
      if [ -z "$within" ]; then echo "the network of the pod at $here is not below /run/netns" >&2; exit 1; fi
    fi
    for address in ${others}; do
      ask 'the node' "$address"
      if [ -n "$within" ]; then ask "the pod at $here" "$address" nsenter --net="$within"; fi
    done
    exit "$failed"`
}
