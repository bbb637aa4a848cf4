import { spawn } from 'node:child_process'
import { hostsOf } from './topology.ts'
import type { Lab } from './lab.ts'
import { labExists, openLab, sweepLabs } from './lab.ts'
import { sshOptions } from './login.ts'
import { labRefusal } from './refusal.ts'

/** The lab that `inventory/lab.yaml` points at. */
const theLab = { name: 'ha', subnet: '10.203.7.0/24', keep: true } as const

const usage = `npm run lab -- COMMAND

  up [TOPOLOGY|HOST…]   make and start hosts; a topology is ha (default), small or one
  down                  remove the whole lab
  status                hosts, addresses, running or off
  ssh HOST [COMMAND…]   a shell, or a command, as root
  kill|start HOST…      power cut, power on
  reboot HOST…          orderly reboot
  freeze|thaw HOST…     a host that hangs, and goes on
  cut|heal HOST…        network cable out, and in
  destroy HOST…         remove a host and its disk
  password              what the user ops answers sudo
`

const say = (line: string): void => void process.stderr.write(`${line}\n`)

async function run(command: string | undefined, words: readonly string[]): Promise<number> {
  if (command === undefined || command === 'help' || command === '--help') {
    process.stdout.write(usage)
    return command === undefined ? 64 : 0
  }
  const refusal = labRefusal()
  if (refusal !== undefined) {
    say(`This machine cannot host a lab: ${refusal}.`)
    return 1
  }
  if (!labExists(theLab.name) && command !== 'up') {
    await sweepLabs()
    say(command === 'down' || command === 'status' ? 'There is no lab.' : 'There is no lab: start one with `npm run lab -- up`.')
    return command === 'down' || command === 'status' ? 0 : 1
  }
  const lab = await openLab({ ...theLab, say })
  const each = onEach(lab)[command]
  if (each !== undefined) {
    for (const host of words) await each(host)
    return words.length === 0 ? 64 : 0
  }
  switch (command) {
    case 'up': {
      const start = performance.now()
      await lab.up(...hostsOf(words))
      await print(lab)
      say(`ready after ${((performance.now() - start) / 1000).toFixed(1)} s`)
      return 0
    }
    case 'down':
      await lab.down()
      return 0
    case 'status':
      await print(lab)
      return 0
    case 'password':
      process.stdout.write(`${lab.password}\n`)
      return 0
    case 'ssh':
      return ssh(lab, words)
    default:
      say(`unknown command "${command}"\n\n${usage}`)
      return 64
  }
}

/** A shell on the host, or one command; both with this terminal as theirs. */
function ssh(lab: Lab, [host = '', ...command]: readonly string[]): Promise<number> {
  const child = spawn('ssh', [...sshOptions(lab), `root@${lab.address(host)}`, ...command], { stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', code => resolve(code ?? 255))
  })
}

/** Commands that do one thing to each host named. */
function onEach(lab: Lab): Readonly<Record<string, (host: string) => Promise<void>>> {
  const { kill, start, reboot, freeze, thaw, cut, heal, destroy } = lab
  return { kill, start, reboot, freeze, thaw, cut, heal, destroy }
}

async function print(lab: Lab): Promise<void> {
  for (const { host, address, state } of await lab.status()) process.stdout.write(`${host.padEnd(5)} ${address.padEnd(14)} ${state}\n`)
}

try {
  process.exitCode = await run(process.argv[2], process.argv.slice(3))
} catch (error) {
  say(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
