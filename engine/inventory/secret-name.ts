const WORDS = 'passw(?:or)?d|passphrase|pass|secret|token|credential|private_?key|api_?key'
const NOT = '(?![\\w-]*(?:file|path|name|length|ttl|days|hours))'

/** A name whose value is likely a secret, plain text or not: errors do not repeat it. `…_file`, `…_path` and the like are not. */
export function looksSecret(name: string): boolean {
  return NAME.test(name)
}

/** A line of YAML or JSON with what follows such a name masked; tags, aliases and block signs stay. */
export function maskLine(line: string): string {
  return line.replace(ASSIGNED, (_, name: string) => `${name}***`)
}

const NAME = new RegExp(`(?:${WORDS})${NOT}`, 'i')
const ASSIGNED = new RegExp(`((?:${WORDS})${NOT}[\\w-]*["']?\\s*:\\s*)(?!["']?!|[&*|>\\s]|$).+$`, 'i')
