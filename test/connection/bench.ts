import { connect } from '../../engine/connection/connect.ts'
import { isFailure } from '../../engine/connection/failure.ts'
import { OpenSession } from '../../engine/connection/open-session.ts'
import type { Session } from '../../engine/model/session.ts'
import { execFileSync } from 'node:child_process'
import { machineWith } from './namespace.ts'
import { calm, target } from './open.ts'
import { sshd } from './sshd.ts'

/**
 * What a frame costs, as medians in milliseconds: `node --conditions=ts-play-source test/connection/bench.ts [local|ssh]`, as root on Linux.
 * The private folder is on a memory file system, as on any host with systemd. `one program` is what this machine takes to start one.
 */
const server = process.argv[2] === 'ssh' ? await sshd({ prepare: 'mount -t tmpfs tmpfs /run; mkdir /run/sshd' }) : undefined
const where = target({ ...(server && { connection: 'ssh2', port: server.port, privateKeyFile: server.key, knownHostsFiles: [server.knownHosts] }) })

async function open(): Promise<Session> {
  const made = server ? await connect(where) : new OpenSession(machineWith('mount -t tmpfs tmpfs /run'), where, {})
  if (isFailure(made)) throw new Error(made.message)
  return made
}

async function median(times: number, work: () => Promise<unknown>): Promise<string> {
  const taken: number[] = []
  for (let index = 0; index < times; index++) {
    const began = performance.now()
    await work()
    taken.push(performance.now() - began)
  }
  return (taken.toSorted((a, b) => a - b)[Math.trunc(times / 2)] ?? 0).toFixed(2)
}

const session = await open()
const shell = await session.shell(undefined)
if (isFailure(shell)) throw new Error(shell.message)
const query = (script: string, count = 1) => () => shell.query(Array.from({ length: count }, () => ({ script })), calm)
const change = (script: string) => () => shell.apply({ sections: [{ script }], deadline: 5000 }, calm)
const rows: Record<string, string> = {
  'one program': await median(50, async () => execFileSync('/bin/true')),
  'connect': await median(10, async () => (await open()).close()),
  'query, silent': await median(200, query(':')),
  'query, one line': await median(200, query('echo 1')),
  'change, silent': await median(200, change(':')),
  'change, one line': await median(200, change('echo 1')),
  '100 probes of builtins': await median(30, query('echo 1', 100)),
  '100 probes of stat': await median(30, query('stat -c %a /etc/passwd', 100)),
}
const before = process.cpuUsage()
for (let index = 0; index < 300; index++) await query(':')()
const { user, system } = process.cpuUsage(before)
rows['controller CPU per query'] = ((user + system) / 300_000).toFixed(3)
await session.close()
await server?.remove()
process.stdout.write(`${Object.entries(rows).map(([name, value]) => `${name.padEnd(28)}${value.padStart(8)}`).join('\n')}\n`)
