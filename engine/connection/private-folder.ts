import { spawn } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Waits until the controller ends, in whatever way, then ends the ssh connections whose sockets are there, lets go whoever waits at a fifo for us, and
 * removes the folder. It is a process of its own because nobody else outlives a SIGKILL of the controller. An ssh in the middle of its handshake ends by
 * itself when it finds no folder for its socket.
 */
const KEEPER = `cat >/dev/null
for s in "$1"/*.s; do [ -S "$s" ] && ssh -F none -S "$s" -O exit ts-play; done
for f in "$1"/*.[aq]; do [ -p "$f" ] && { rm -f "$f"; } 3<>"$f"; done
rm -rf "$1"`

/** A folder of the controller's that nobody else can enter, gone when the controller is. */
export interface PrivateFolder {
  /** Short enough for a socket in it, and without a character that a shell would care for. */
  readonly path: string
  close(): Promise<void>
}

/** @param places where to make it, the first that will do; default: `/tmp` only if the system's folder for temporary files has a long or odd name */
export async function privateFolder(places: readonly string[] = [tmpdir(), '/tmp']): Promise<PrivateFolder> {
  const path = await made(places)
  const keeper = spawn('/bin/sh', ['-c', KEEPER, 'ts-play', path], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  keeper.once('close', () => resolve())
  keeper.once('error', () => resolve())
  keeper.stdin.on('error', () => undefined)
  // It waits for us, not we for it.
  keeper.unref()
  if ('unref' in keeper.stdin && typeof keeper.stdin.unref === 'function') keeper.stdin.unref()
  return {
    path,
    close: async () => {
      keeper.ref()
      keeper.stdin.end()
      await ended
    },
  }
}

async function made(places: readonly string[]): Promise<string> {
  let problem: unknown
  // ssh adds up to 17 characters to the name of a socket, and the system allows 104 or 108.
  for (const place of places.filter(folder => folder.length <= 60 && /^\/[A-Za-z0-9/._-]*$/.test(folder))) {
    try {
      return await mkdtemp(join(place, 'ts-play-ssh-'))
    } catch (thrown) {
      problem = thrown
    }
  }
  throw problem ?? new Error(`no folder for sockets: ${places.join(', ')}`)
}
