import type { Socket } from 'node:net'

/**
 * Makes a socket send in one piece what is written during one turn of the event loop. ssh2 writes every packet in three parts; each would be a system call,
 * a packet on the wire and, at the other end, a read of its own.
 *
 * Not a subclass, for `connect` of a socket puts the `write` of its own back.
 */
export function gather(socket: Socket): Socket {
  const write = socket.write.bind(socket)
  let gathering = false
  const gathered = (...words: Parameters<typeof write>): boolean => {
    if (!gathering) {
      gathering = true
      socket.cork()
      process.nextTick(() => {
        gathering = false
        socket.uncork()
      })
    }
    return write(...words)
  }
  return Object.defineProperty(socket, 'write', { value: gathered, writable: true, configurable: true })
}
