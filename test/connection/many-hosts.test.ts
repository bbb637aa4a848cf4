import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Event } from '../../engine/model/event.ts'
import { folderWith, type Folder } from '../cli/support.ts'
import { announceSkip } from './machine.ts'
import { sshdRefusal } from './sshd.ts'
import { sshdFarm, type SshdFarm } from './sshd-farm.ts'

const HOSTS = Number(process.env['TS_PLAY_HOSTS'] ?? 300)
const FORKS = 20
/** Bytes that the program may have in memory at its largest. */
const MEMORY = 400 * 1024 * 1024
const PROGRAM = fileURLToPath(new URL('../../engine/cli/ts-play.mjs', import.meta.url))

if (sshdRefusal !== undefined) announceSkip(`${HOSTS} hosts at once`, sshdRefusal)

describe.skipIf(sshdRefusal !== undefined)(`${HOSTS} hosts in one run`, () => {
  let farm: SshdFarm
  let folder: Folder
  beforeAll(async () => {
    farm = await sshdFarm(HOSTS)
    const hosts = farm.addresses.map((address, index) => `    h${index}: { ansible_host: ${address} }`).join('\n')
    folder = await folderWith({
      'site.ts': `
        import { everyone, file, play, playbook, role } from 'ts-play'
        const some = role('some', { tasks: ({ host }) => Array.from({ length: 3 }, (_, index) => file({ path: \`/home/${farm.user}/\${host.name}.\${index}\`, content: \`\${host.address}\\n\` })) })
        export default playbook('site', [play(some, { hosts: everyone })])`,
      'inventory.yaml': `all:\n  vars: { ansible_user: ${farm.user}, ansible_port: ${farm.port}, ansible_ssh_private_key_file: ${farm.key} }\n  hosts:\n${hosts}\n`,
    })
  }, 120_000)
  afterAll(async () => {
    await folder?.[Symbol.asyncDispose]()
    await farm?.remove()
  })

  it('are all reached, none refused for good, within the limits of forks and memory', { timeout: 300_000 }, async () => {
    const record = join(folder.path, 'events.jsonl')
    const child = spawn(process.execPath, [PROGRAM, 'site.ts', '-i', 'inventory.yaml', '--known-hosts', farm.knownHosts, '--forks', String(FORKS), '--timeout', '60', '--record', record], { cwd: folder.path, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    child.stdout.on('data', chunk => { said += String(chunk) })
    child.stderr.on('data', chunk => { said += String(chunk) })
    const code = new Promise<number | null>(resolve => child.once('exit', resolve))
    const peak = { handshakes: 0, memory: 0 }
    const watching = setInterval(() => {
      peak.handshakes = Math.max(peak.handshakes, farm.handshakes())
      peak.memory = Math.max(peak.memory, highWater(child.pid))
    }, 100)
    const began = performance.now()
    const exit = await code
    const took = performance.now() - began
    clearInterval(watching)
    const events = readFileSync(record, 'utf8').trim().split('\n').map((line): Event => JSON.parse(line))
    const connected = events.filter(event => event.type === 'host-connected')
    const dropped = farm.log().split(/drop connection|beginning MaxStartups/).length - 1
    process.stderr.write(`${connected.length} hosts: ${(took / 1000).toFixed(1)} s, ${Math.round(peak.memory / 1024 / 1024)} MiB, ${peak.handshakes} handshakes at once, ${dropped} turned away and taken later\n`)
    expect(exit, said.slice(-2000)).toBe(0)
    expect(connected).toHaveLength(HOSTS)
    expect(events.filter(event => event.type === 'task-finished' && event.outcome.type === 'changed')).toHaveLength(3 * HOSTS)
    expect(peak.handshakes).toBeGreaterThan(1)
    expect(overlap(connected)).toBeLessThanOrEqual(FORKS)
    // As the other side sees it: sshd's process of a handshake is there a moment longer than the handshake.
    expect(peak.handshakes).toBeLessThanOrEqual(FORKS * 1.5)
    expect(peak.memory).toBeGreaterThan(0)
    expect(peak.memory).toBeLessThan(MEMORY)
  })
})

/** How many connections were being made at once, by when each began and ended; a millisecond at both ends is left to rounding. */
function overlap(connected: readonly { readonly at: number; readonly milliseconds: number }[]): number {
  const moments = connected.flatMap(({ at, milliseconds }) => [{ at: at - milliseconds + 1, by: 1 }, { at: at - 1, by: -1 }]).toSorted((a, b) => a.at - b.at || a.by - b.by)
  let [now, most] = [0, 0]
  for (const { by } of moments) most = Math.max(most, (now += by))
  return most
}

/** The most memory (bytes) that a process ever had, as the kernel counts it; 0 when it is gone. */
function highWater(pid: number | undefined): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}
