import { createReadStream } from 'node:fs'
import { createServer } from 'node:http'
import { stat } from 'node:fs/promises'

export interface HttpServer extends AsyncDisposable {
  readonly url: string
  /** How often somebody got all of it. */
  readonly served: () => number
}

/** Serves one file at an address of this machine, for hosts of a lab: at a free port, and to whoever asks for its very path. */
export async function serveFile(address: string, file: string, path: string): Promise<HttpServer> {
  const { size } = await stat(file)
  let served = 0
  const server = createServer((request, response) => {
    if (request.url !== path) return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': 'application/gzip', 'content-length': size })
    if (request.method === 'HEAD') return void response.end()
    createReadStream(file).pipe(response).on('finish', () => served++)
  })
  await new Promise<void>((resolve, reject) => void server.once('error', reject).listen(0, address, resolve))
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('a server without a port')
  return {
    url: `http://${address}:${bound.port}${path}`,
    served: () => served,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => void server.close(resolve))
    },
  }
}
