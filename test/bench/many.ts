import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sshdFarm } from '../connection/sshd-farm.ts'
import { measured } from './meter.ts'
import type { Solo } from './results.ts'

const HOSTS = 500
/** Files on each host. */
const FILES = 3

/** What the memory target is about. */
export const MANY = `${FILES} files on ${HOSTS} hosts`

/** One run with a real connection to each of many hosts: addresses of this machine, for memory is what is asked. */
export async function manyHosts({ program, folder, say }: { readonly program: string; readonly folder: string; readonly say: (line: string) => void }): Promise<readonly Solo[]> {
  const farm = await sshdFarm(HOSTS)
  try {
    const own = join(folder, 'many')
    await mkdir(own, { recursive: true })
    const [playbook, inventory] = [join(own, 'playbook.ts'), join(own, 'inventory.yaml')]
    const hosts = farm.addresses.map((address, index) => `    h${index}: { ansible_host: ${address} }\n`).join('')
    await writeFile(inventory, `all:\n  vars: { ansible_user: ${farm.user}, ansible_port: ${farm.port}, ansible_ssh_private_key_file: ${farm.key} }\n  hosts:\n${hosts}`)
    // One home for all of them, so the names are each host's own.
    await writeFile(playbook, `import { everyone, file, play, playbook, role } from 'ts-play'
const some = role('some', { tasks: ({ host }) => Array.from({ length: ${FILES} }, (_, index) => file({ path: \`/home/${farm.user}/\${host.name}.\${index}\`, content: \`\${host.address}\\n\` })) })
export default playbook('many', [play(some, { hosts: everyone })])
`)
    const { wall, cpu, memory, outputs, codes } = await measured([{ argv: [process.execPath, program, playbook, '-i', inventory, '--known-hosts', farm.knownHosts, '--timeout', '60'], environment: {}, folder: own }], { deadline: 300_000 })
    if (codes[0] !== 0) throw new Error(`${MANY}: exit ${codes[0]}: ${outputs.join('').slice(-2000)}`)
    say(`${MANY}: ${(wall / 1000).toFixed(1)} s, ${(memory / 1e6).toFixed(0)} MB`)
    return [{ title: MANY, wall: [wall], cpu: [cpu], memory: [memory], note: 'real connections, all on this machine' }]
  } finally {
    await farm.remove()
  }
}
