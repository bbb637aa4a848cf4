import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Bastion } from './bastion.ts'
import { gather } from './gather.ts'
import { processLine } from './process-line.ts'
import type { Target } from './target.ts'

/** Bytes to and from a host's sshd, however they get there. */
export interface Line {
  readonly stream: Duplex
  /** Settles when bytes can be sent, at once where that is not known. */
  readonly open: Promise<void>
  /** What is to be added to any problem with it: who it goes through, and what that has said. */
  readonly through: () => string
}

/** @param bastion that it goes through; else the target's proxy command, else the network */
export async function openLine(target: Target, bastion: Bastion | undefined): Promise<Line> {
  if (bastion) return { stream: await bastion.forward(target.address, target.port), open: Promise.resolve(), through: () => ` (through ${bastion.label}${bastion.lost() === undefined ? '' : `, which was lost: ${bastion.lost()}`})` }
  if (target.proxy?.type === 'command') return commandLine(target, target.proxy.command)
  const { address: host, port, addressFamily, bindAddress } = target
  const socket = gather(connect({ host, port, noDelay: true, ...(addressFamily && { family: addressFamily }), ...(bindAddress !== undefined && { localAddress: bindAddress }) }))
  const open = new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  // Whoever waits for it hears of it as well.
  open.catch(() => undefined)
  return { stream: socket, open, through: () => '' }
}

/** A program's stdin and stdout as a line. As ssh does it: by the user's shell, in the user's environment; names in it were checked for what a shell would take amiss. */
function commandLine(target: Target, command: string): Line {
  const words: Readonly<Record<string, string>> = { '%': '%', h: target.address, n: target.sshName ?? target.address, p: String(target.port), r: target.user, k: target.hostKeyAlias ?? target.address }
  const text = command.replaceAll(/%(.)/g, (whole, letter: string) => words[letter] ?? whole)
  const environment = target.sshConfig?.environment ?? process.env
  const child = spawn(environment['SHELL'] || '/bin/sh', ['-c', `exec ${text}`], { stdio: 'pipe', detached: true, env: { ...environment } })
  const { stream, said } = processLine(child)
  return { stream, open: Promise.resolve(), through: () => ` (through ProxyCommand ${text}${said() === '' ? '' : `: ${said()}`})` }
}
