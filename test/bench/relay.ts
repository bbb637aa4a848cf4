import { connect, createServer, type Socket } from 'node:net'

/** A TCP relay that is as far away as one wants: what goes in comes out later, in order. `node relay.ts '{"oneWay":25,"routes":[…]}'` */
export interface Route {
  readonly listen: { readonly address: string; readonly port: number }
  readonly to: { readonly address: string; readonly port: number }
}

interface Settings {
  /** Milliseconds in each direction. */
  readonly oneWay: number
  readonly routes: readonly Route[]
}

/** Bytes under way before the sender has to wait: more than any bandwidth times delay that is measured here. */
const WINDOW = 64 << 20

function relay({ oneWay, routes }: Settings): void {
  let listening = 0
  for (const { listen, to } of routes) {
    const server = createServer({ noDelay: true, allowHalfOpen: true, pauseOnConnect: true }, client => {
      // The client believes to be connected at once. Over a real link it would wait a round trip for that, and the server hear of it half of one later,
      // together with what the client says first: so both happen here at that time.
      setTimeout(() => {
        const behind = connect({ host: to.address, port: to.port, noDelay: true, allowHalfOpen: true })
        delay({ from: client, into: behind, oneWay, atOnceUntil: performance.now() + 2 })
        delay({ from: behind, into: client, oneWay, atOnceUntil: 0 })
        client.resume()
      }, 3 * oneWay)
    })
    server.listen(listen.port, listen.address, () => {
      if (++listening === routes.length) process.send?.('listening')
    })
  }
}

interface Direction {
  readonly from: Socket
  readonly into: Socket
  readonly oneWay: number
  /** What comes before has waited already. */
  readonly atOnceUntil: number
}

/** Timers of one length fire in the order they were set, which keeps the bytes in theirs. */
function delay({ from, into, oneWay, atOnceUntil }: Direction): void {
  let flying = 0
  from.on('data', chunk => {
    const length = chunk.length
    flying += length
    if (flying > WINDOW) from.pause()
    const arrive = (): void => {
      flying -= length
      if (flying <= WINDOW) from.resume()
      if (!into.destroyed) into.write(chunk)
    }
    if (performance.now() < atOnceUntil) arrive()
    else setTimeout(arrive, oneWay)
  })
  from.on('end', () => setTimeout(() => into.end(), oneWay))
  from.on('close', () => setTimeout(() => into.destroy(), oneWay))
  from.on('error', () => undefined)
}

if (process.argv[2] !== undefined && process.send) {
  relay(JSON.parse(process.argv[2]))
  process.on('disconnect', () => process.exit(0))
}
