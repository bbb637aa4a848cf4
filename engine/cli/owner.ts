import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { account } from '../connection/local.ts'
import type { LockOwner } from '../run/lock.ts'

/** What another controller is told while this one holds a host. */
export function owner(): LockOwner {
  const since = new Date().toISOString().replace('T', ' ').slice(0, 19)
  return { run: randomBytes(8).toString('hex'), who: `${account().name}@${hostname()}, process ${process.pid}, since ${since} UTC` }
}
