import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'

/** A TCP relay that is as far away as one wants: what goes in comes out later, in order, in each direction. */
export interface DelayProxy extends AsyncDisposable {
  /** On 127.0.0.1. */
  readonly port: number
  /** Connections that were accepted so far. */
  readonly connections: number
  /** Bytes that came from clients, and from the server. */
  readonly bytes: { readonly toServer: number; readonly toClient: number }
  /** Round trips that clients have seen the end of: the longest chain of bytes that can only have been answers to each other. No clock is asked. */
  readonly roundTrips: number
  /** Settles when every connection has ended at both sides: what is counted then is all there was. */
  idle(): Promise<void>
  /** Loses everything from now on, in both directions, without a word: a pulled cable. */
  silence(): void
  /** Ends every connection with a reset. New ones are accepted as before. */
  cut(): void
}

interface Settings {
  /** Port on 127.0.0.1 of what is behind it. */
  readonly to: number
  /** Milliseconds in each direction: half a round trip. */
  readonly oneWay: number
  /** Bytes per second in each direction; default as many as come. */
  readonly rate?: number
}

/** Bytes that may be under way in one direction: more than any bandwidth times delay that is tested. */
const IN_FLIGHT = 32 * 1024 * 1024

/** Opens a relay. It holds no test's libraries, so that a benchmark may use it. */
export async function delayProxy({ to, oneWay, rate = Infinity }: Settings): Promise<DelayProxy> {
  const open = new Set<Socket>()
  const bytes = { toServer: 0, toClient: 0 }
  let connections = 0
  const waiting: (() => void)[] = []
  // How many round trips had ended at each side when it last heard anything.
  const heard = { server: 0, client: 0 }
  let silent = false
  const relay = (from: Socket, into: Socket, by: 'server' | 'client', count: (length: number) => void): void => {
    let flying = 0
    let free = 0
    // One timer for the first of the queue: timers of different lengths may fire out of order.
    const queue: { readonly due: number; readonly work: () => void }[] = []
    const pump = (): void => {
      while (queue[0] && queue[0].due <= performance.now()) queue.shift()?.work()
      if (queue[0]) setTimeout(pump, Math.max(0, queue[0].due - performance.now()))
    }
    const later = (length: number, work: () => void): void => {
      const told = by === 'client' ? heard.client + 1 : heard.server
      const other = by === 'client' ? 'server' : 'client'
      free = Math.max(performance.now(), free) + (length / rate) * 1000
      if (queue.push({ due: free + oneWay, work: () => {
        heard[other] = Math.max(heard[other], told)
        work()
      } }) === 1) setTimeout(pump, Math.max(0, free + oneWay - performance.now()))
    }
    from.on('data', (chunk: Buffer) => {
      if (silent) return
      count(chunk.length)
      flying += chunk.length
      if (flying > IN_FLIGHT) from.pause()
      later(chunk.length, () => {
        flying -= chunk.length
        if (silent || into.destroyed) return
        if (into.write(chunk) && flying <= IN_FLIGHT) from.resume()
      })
    })
    into.on('drain', () => flying <= IN_FLIGHT && from.resume())
    from.on('end', () => later(0, () => silent || into.end()))
    from.on('close', () => later(0, () => silent || into.destroy()))
    from.on('error', () => undefined)
    open.add(from)
    from.on('close', () => {
      open.delete(from)
      if (open.size === 0) for (const go of waiting.splice(0)) go()
    })
  }
  const server = createServer({ noDelay: true, allowHalfOpen: true }, client => {
    connections++
    const behind = connect({ host: '127.0.0.1', port: to, noDelay: true, allowHalfOpen: true })
    relay(client, behind, 'client', length => (bytes.toServer += length))
    relay(behind, client, 'server', length => (bytes.toClient += length))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = (): void => {
    for (const socket of open) socket.resetAndDestroy()
  }
  return {
    port: portOf(server.address()),
    get connections() {
      return connections
    },
    bytes,
    get roundTrips() {
      return heard.client
    },
    idle: () => new Promise(resolve => (open.size === 0 ? resolve() : waiting.push(resolve))),
    silence: () => {
      silent = true
    },
    cut,
    async [Symbol.asyncDispose]() {
      cut()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address !== 'object' || address === null) throw new Error('a TCP server has a port')
  return address.port
}
