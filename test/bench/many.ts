import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sshdFarm, type SshdFarm } from '../connection/sshd-farm.ts'
import { measured } from './meter.ts'
import type { Solo } from './results.ts'

const HOSTS = 500
/** Files on each host. */
const FILES = 3

/** What the memory target is about. */
export const MANY = `${FILES} files on ${HOSTS} hosts`

/** Runs with a real connection to each of many hosts: addresses of this machine, for memory is what is asked. Each has every file to change. */
export async function manyHosts({ program, folder, runs, say }: { readonly program: string; readonly folder: string; readonly runs: number; readonly say: (line: string) => void }): Promise<readonly Solo[]> {
  const farm = await sshdFarm(HOSTS)
  try {
    const own = join(folder, 'many')
    await mkdir(own, { recursive: true })
    const [playbook, inventory] = [join(own, 'playbook.ts'), join(own, 'inventory.yaml')]
    const hosts = farm.addresses.map((address, index) => `    h${index}: { ansible_host: ${address} }\n`).join('')
    await writeFile(inventory, `all:\n  vars: { ansible_user: ${farm.user}, ansible_port: ${farm.port}, ansible_ssh_private_key_file: ${farm.key} }\n  hosts:\n${hosts}`)
    const row = { wall: new Array<number>(), cpu: new Array<number>(), memory: new Array<number>() }
    for (let run = 1; run <= runs; run++) {
      // One home for all of them, so the names are each host's own.
      await writeFile(playbook, `import { everyone, file, play, playbook, role } from 'ts-play'
const some = role('some', { tasks: ({ host }) => Array.from({ length: ${FILES} }, (_, index) => file({ path: \`/home/${farm.user}/\${host.name}.\${index}\`, content: \`\${host.address} ${run}\\n\` })) })
export default playbook('many', [play(some, { hosts: everyone })])
`)
      const { wall, cpu, memory, outputs, codes } = await measured([{ argv: [process.execPath, program, playbook, '-i', inventory, '--known-hosts', farm.knownHosts, '--timeout', '60'], environment: {}, folder: own }], { deadline: 300_000 })
      if (codes[0] !== 0) throw new Error(`${MANY}: exit ${codes[0]}: ${outputs.join('').slice(-2000)}`)
      const right = contentsOf(farm).filter(line => line.endsWith(` ${run}`)).length
      if (right !== HOSTS * FILES) throw new Error(`${MANY}: ${right} files are as they should be`)
      say(`${MANY}: ${(wall / 1000).toFixed(1)} s, ${(memory / 1e6).toFixed(0)} MB`)
      row.wall.push(wall)
      row.cpu.push(cpu)
      row.memory.push(memory)
    }
    return [{ title: MANY, ...row, note: 'real connections, all on this machine' }]
  } finally {
    await farm.remove()
  }
}

/** A line of each file, as another program than ts-play sees them. */
function contentsOf({ addresses: [address], ...farm }: SshdFarm): readonly string[] {
  const how = ['-F', 'none', '-o', `UserKnownHostsFile=${farm.knownHosts}`, '-o', 'BatchMode=yes', '-i', farm.key, '-p', String(farm.port)]
  return execFileSync('ssh', [...how, `${farm.user}@${address}`, `cat /home/${farm.user}/h*.[0-9]`], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).split('\n')
}
