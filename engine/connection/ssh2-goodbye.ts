import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Client } from 'ssh2'
import { stopKeepalives } from './keepalives.ts'

/**
 * Says goodbye. A socket's last words are the system's to deliver once it has them, so nobody waits for the host's end of it, nor does the process. Those
 * through a bastion or a program have to be out before that one goes.
 */
export async function ssh2Goodbye(client: Client, stream: Duplex, closed: Promise<string>): Promise<void> {
  client.end()
  const timer = setTimeout(() => stream.destroy(), 2000)
  void closed.then(() => clearTimeout(timer))
  if (!(stream instanceof Socket) || !stopKeepalives(client)) return void (await closed)
  await Promise.race([closed, finished(stream, { readable: false }).catch(() => undefined)])
  // Left open: a host that has something to say yet would find that nobody listens, and lose the goodbye over it.
  stream.unref()
  timer.unref()
}
