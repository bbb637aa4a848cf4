import { execFileSync } from 'node:child_process'
import type { Transport } from '../../engine/connection/channel.ts'
import { localTransport } from '../../engine/connection/local.ts'
import { isRoot } from './machine.ts'

/** Why hosts with another view of the file system cannot be had here; `undefined` where they can. */
export const namespaceRefusal: string | undefined = !isRoot ? 'needs root' : works() ? undefined : 'unshare -m does not work here'

/** This machine with other mounts: `script` runs before the shell, and nobody else sees what it does. */
export function machineWith(script: string): Transport {
  const local = localTransport()
  const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
  return { ...local, open: (command, terminal) => local.open(`exec unshare -m /bin/sh -c ${quoted(`mount --make-rprivate /; ${script}\nexec /bin/sh -c "$0"`)} ${quoted(command)}`, terminal) }
}

function works(): boolean {
  try {
    execFileSync('unshare', ['-m', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
