import { inside, replace, type Method } from './insides.ts'

/**
 * Has ssh2 ask to log in right behind its request for the service that takes logins, and not when that is granted: a round trip less. RFC 4253 §10 has a
 * client wait only after an exchange of keys that did not show who the host is, which ssh2 has none of.
 *
 * What the host takes of an RSA key's signatures stands in its extensions, which come before: a host that tells of none is waited for as before.
 *
 * @param client that was told to connect, before anything came
 */
export function loginAhead(client: object): void {
  const protocol = inside(client, '_protocol')
  const handlers = inside(protocol, '_handlers')
  let login: Method | undefined
  let [told, asked] = [false, false]
  /** Once, whatever comes first. */
  const begin = (...words: readonly unknown[]): void => {
    const once = login
    login = undefined
    once?.(...words)
  }
  const ahead = (): void => {
    if (told && asked) begin(protocol, 'ssh-userauth')
  }
  replace(handlers, 'SERVICE_ACCEPT', own => {
    login = own
    return begin
  })
  replace(handlers, 'EXT_INFO', own => (...words) => {
    own(...words)
    told = true
    ahead()
  })
  replace(protocol, 'service', own => (...words) => {
    own(...words)
    asked = true
    ahead()
  })
}
