/** A fragment of POSIX sh. Only `sh` and `raw` make one, so whatever reaches a shell was quoted on purpose. */
export interface Command {
  readonly type: 'command'
  readonly text: string
}

/** What a hole of `sh` accepts. A list becomes several words; a Command is spliced as it is. A Secret is refused by type: secrets travel by stdin. */
export type Hole = string | number | Command | readonly (string | number)[]

/**
 * POSIX sh with quoted holes: sh`install -m ${mode} ${path}`.
 *
 * @throws TypeError when a hole holds a NUL byte (no shell word can) or something that is not a Hole.
 */
export function sh(parts: TemplateStringsArray, ...holes: readonly Hole[]): Command {
  const text = parts.reduce((left, part, index) => left + (index === 0 ? '' : word(holes[index - 1])) + part, '')
  return { type: 'command', text }
}

/** Shell text that is taken as it stands: the visible exception to quoting. Never build it from data of a host or an inventory. */
export function raw(text: string): Command {
  return { type: 'command', text }
}

/** Quotes one word for every POSIX sh: nothing inside single quotes is special, and a quote is written `'\''`. */
export function quote(value: string): string {
  if (value.includes('\0')) throw new TypeError('a shell word cannot hold a NUL byte')
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`
}

function word(hole: Hole | undefined): string {
  switch (typeof hole) {
    case 'string':
      return quote(hole)
    case 'number':
      return quote(String(hole))
    case 'object':
      return 'type' in hole ? hole.text : hole.map(item => quote(String(item))).join(' ')
    default:
      throw new TypeError(`a hole of sh must be a string, a number, a list or a Command, got ${typeof hole}`)
  }
}
