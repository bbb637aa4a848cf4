import type { Diagnostic } from '../model/diagnostic.ts'
import type { Play } from '../model/play.ts'
import type { Directory } from './directory.ts'
import { mistake } from './mistake.ts'

/** The host that a play's tasks are executed on for its hosts; `undefined`: on each itself. A limit does not narrow it: nothing is decided for that host. */
export function delegateOf({ on, origin, name }: Play, directory: Directory, diagnostics: Diagnostic[]): string | undefined {
  if (on === undefined) return undefined
  const say = (message: string, hint: string): undefined => void diagnostics.push(mistake(origin, `play ${name} is executed on ${message}`, hint))
  if (typeof on === 'string') return directory.hasHost(on) ? on : say(`${on}, which is not in the inventory`, '`on` takes the name of a host, localhost, or a group of one host')
  const found = directory.resolve(on)
  if ('problem' in found) return say(`a group: ${found.problem}`, found.hint ?? '')
  const [host] = found.hosts
  return found.hosts.length === 1 ? host : say(`${found.hosts.length} hosts: ${found.hosts.join(', ') || 'none'}`, 'name one of them: `on` is where the tasks of each host are executed')
}
