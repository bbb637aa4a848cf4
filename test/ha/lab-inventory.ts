import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Lab } from '../lab/lab.ts'

/** `inventory/lab.yaml` with a lab's own addresses and keys, and the kubeconfig in a folder of the test's. */
export async function labInventory(lab: Lab, folder: string): Promise<string> {
  const given = await readFile(fileURLToPath(new URL('../../inventory/lab.yaml', import.meta.url)), 'utf8')
  return given
    .replaceAll('10.203.7.', `${lab.subnet.split('.').slice(0, 3).join('.')}.`)
    .replaceAll('~/.cache/ts-play/lab/ha/id_ed25519', lab.keyFile)
    .replaceAll('~/.cache/ts-play/lab/ha/known_hosts', lab.knownHosts)
    .replaceAll('~/.cache/ts-play/lab/ha/kubeconfig', join(folder, 'kubeconfig'))
}

/** The inventory without these hosts. */
export function without(yaml: string, ...hosts: readonly string[]): string {
  return hosts.reduce((left, host) => left.replace(new RegExp(`^ +${host}: .*\n`, 'm'), ''), yaml)
}

/** The inventory with more variables for all hosts. */
export function withVars(yaml: string, vars: Readonly<Record<string, string>>): string {
  const lines = Object.entries(vars).map(([name, value]) => `    ${name}: ${value}\n`)
  return yaml.replace('    clusterName: lab\n', line => `${line}${lines.join('')}`)
}

/** The inventory with another endpoint and with these hosts only; a group that is left without hosts goes. `balancers` are hosts that are in the group `lb`, too. */
export function withEndpoint(yaml: string, { endpoint, hosts, balancers = [] }: { endpoint: string; hosts: readonly string[]; balancers?: readonly string[] }): string {
  const kept = yaml
    .replace(/^ {4}endpoint: .*$/m, `    endpoint: ${endpoint}`)
    .replace(/^ {8}(\w+): \{ ansible_host: .*\n/gm, (line, host: string) => (hosts.includes(host) ? line : ''))
    .replace(/^ {4}\w+:\n {6}hosts:\n(?! {8})/gm, '')
  if (balancers.length === 0) return kept
  return kept.replace(/^ {2}children:\n/m, `  children:\n    lb:\n      hosts: { ${balancers.map(host => `${host}: {}`).join(', ')} }\n`)
}

/** The inventory with these hosts of the lab in the group `etcd`. */
export function withEtcd(yaml: string, lab: Lab, hosts: readonly string[]): string {
  const lines = hosts.map(host => `        ${host}: { ansible_host: ${lab.address(host)} }\n`)
  return yaml.replace(/^ {2}children:\n/m, line => `${line}    etcd:\n      hosts:\n${lines.join('')}`)
}
