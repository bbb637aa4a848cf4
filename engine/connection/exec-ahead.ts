import { inside, replace } from './insides.ts'

/** A host chooses the number of a channel (RFC 4254 §5.1). OpenSSH's takes the first that is free, so a connection's first channel has this one. */
const FIRST = 0

/**
 * Has ssh2 ask for a program right behind its request for the connection's first channel, and not when that is open: a round trip less. Only of OpenSSH is it
 * known which channel that will be. A host that has no such channel, as it refused it or counts otherwise, ends the connection over it (sshd's
 * `server_input_channel_req`): whoever asks ahead has to connect again then, and not do it a second time.
 *
 * @param client that is connected and has opened no channel yet; its next one gets the program
 * @param command as it will be told to `exec` of the same client, without a terminal
 * @returns whether it is done
 */
export function execAhead(client: object, command: string): boolean {
  const software = inside(client, '_remoteVer')
  const protocol = inside(client, '_protocol')
  const exec = inside(protocol, 'exec')
  if (typeof software !== 'string' || !software.startsWith('OpenSSH_') || typeof exec !== 'function' || typeof inside(protocol, 'session') !== 'function') return false
  let [asked, answered] = [false, false]
  replace(protocol, 'session', own => (...words) => {
    own(...words)
    if (asked) return
    asked = true
    Reflect.apply(exec, protocol, [FIRST, command, true])
  })
  replace(protocol, 'exec', own => (...words) => {
    // What ssh2 asks for as soon as the channel is open was asked for already.
    const ahead = !answered && words[0] === FIRST
    answered = true
    if (!ahead) own(...words)
  })
  return true
}
