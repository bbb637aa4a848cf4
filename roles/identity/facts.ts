import { fact, sh } from 'ts-play'
import type { Identity } from '../outputs.ts'

/**
 * Everything by which two machines can be told apart, in one look. A container or an appliance may lack some of it.
 * Only interfaces with a device count: `docker0` and its like have the same hardware address on every machine.
 */
export const identity = fact({
  name: 'identity',
  query: sh`
    echo "hostname=$(uname -n)"
    echo "machine-id=$(cat /etc/machine-id 2>/dev/null)"
    echo "product-uuid=$(cat /sys/class/dmi/id/product_uuid 2>/dev/null)"
    for nic in /sys/class/net/*; do
      if [ -e "$nic/device" ]; then echo "hardware-address=$(cat "$nic/address")"; fi
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
    hardwareAddresses: values('hardware-address'),
  }
}
