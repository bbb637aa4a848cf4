import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Endpoint } from './contenders/contender.ts'
import type { Route } from './relay.ts'

/** Hosts behind a link of a given round trip. */
export interface Link extends AsyncDisposable {
  readonly endpoints: readonly Endpoint[]
}

/** Port on this machine's loopback addresses; every host has an address of its own there. */
const PORT = 2200

/** The hosts themselves where the round trip is 0; otherwise a relay in a process of its own, so that it neither waits for the bench nor counts as a contender. */
export async function link(hosts: readonly Endpoint[], roundTrip: number): Promise<Link> {
  if (roundTrip === 0) return { endpoints: hosts, [Symbol.asyncDispose]: async () => undefined }
  const endpoints = hosts.map((host, index) => ({ name: host.name, address: `127.77.0.${index + 1}`, port: PORT }))
  const routes: readonly Route[] = endpoints.map(({ address, port }, index) => ({ listen: { address, port }, to: { address: hosts[index]?.address ?? '', port: 22 } }))
  const child = fork(fileURLToPath(new URL('relay.ts', import.meta.url)), [JSON.stringify({ oneWay: roundTrip / 2, routes })], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  await once(child, 'message')
  return {
    endpoints,
    async [Symbol.asyncDispose]() {
      child.kill()
      await once(child, 'exit')
    },
  }
}
