import { stringify } from 'yaml'
import type { Job } from './contender.ts'

/** The same inventory for Ansible and ts-play, which reads Ansible's. */
export function inventory({ endpoints, keyFile, knownHosts }: Job): string {
  const hosts = Object.fromEntries(endpoints.map(({ name, address, port }) => [name, { ansible_host: address, ...(port === 22 ? {} : { ansible_port: port }) }]))
  const vars = { ansible_user: 'root', ansible_ssh_private_key_file: keyFile, ansible_ssh_common_args: `-o UserKnownHostsFile=${knownHosts}` }
  return stringify({ all: { vars, hosts } })
}
