import { fact, sh } from 'ts-play'
import type { Identity } from '../outputs.ts'

/**
 * Everything by which two machines can be told apart, in one look. A container or an appliance may lack some of it.
 * Only interfaces with a device count, and those that lead out, as a container's do without one: `docker0` and its like have the same hardware address on every machine.
 */
export const identity = fact({
  name: 'identity',
  query: sh`
    echo "hostname=$(uname -n)"
    echo "machine-id=$(cat /etc/machine-id 2>/dev/null)"
    echo "product-uuid=$(cat /sys/class/dmi/id/product_uuid 2>/dev/null)"
    for nic in /sys/class/net/*; do
      [ -e "$nic/device" ] || continue
      address=$(cat "$nic/address")
      # A container may see the /sys of its machine: what counts is what this network namespace has.
      case $(ip -o link show dev "\${nic##*/}" 2>/dev/null) in *"$address"*) echo "hardware-address=$address" ;; esac
    done
    ip -o -4 route show default 2>/dev/null | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p' | while read -r nic; do
      ip -o link show dev "$nic" 2>/dev/null | sed -n 's/.*link\\/ether \\([^ ]*\\).*/hardware-address=\\1/p'
    done`,
  parse: parseIdentity,
})

export function parseIdentity(stdout: string): Omit<Identity, 'nodeAddress'> {
  const values = (key: string): string[] =>
    stdout.split('\n').flatMap(line => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1).trim()] : [])).filter(value => value !== '')
  return {
    hostname: values('hostname')[0] ?? '',
    machineId: values('machine-id')[0],
    productUuid: values('product-uuid')[0]?.toLowerCase(),
    hardwareAddresses: [...new Set(values('hardware-address'))],
  }
}
