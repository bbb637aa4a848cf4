import { fingerprintsOf } from './openpgp-key.ts'

export interface AptRepositorySpec {
  /** Name of its files: /etc/apt/sources.list.d/NAME.sources and /etc/apt/keyrings/NAME.asc or .gpg. */
  readonly name: string
  /** `https://pkgs.k8s.io/core:/stable:/v1.34/deb/` */
  readonly uri: string
  /** A suite, or for a flat repository a path that ends in `/`: pkgs.k8s.io uses `/`. */
  readonly suite: string
  /** Needed for a suite, none for a flat repository. */
  readonly components?: readonly string[]
  /** The key that signs it, and nothing else on the host: its text, or a file on the controller (`.asc` armored, `.gpg` binary). */
  readonly key: { readonly content: string } | { readonly file: string }
  /** Default: all of the host's. */
  readonly architectures?: readonly string[]
}

/** What its file of sources says; the keyring is where the key lies when apt reads it. */
export function sourcesText(spec: AptRepositorySpec, keyring: string): string {
  const fields: [string, string][] = [
    ['Types', 'deb'],
    ['URIs', spec.uri],
    ['Suites', spec.suite],
    ...(spec.components === undefined ? [] : [['Components', spec.components.join(' ')] satisfies [string, string]]),
    ...(spec.architectures === undefined ? [] : [['Architectures', spec.architectures.join(' ')] satisfies [string, string]]),
    ['Signed-By', keyring],
  ]
  return fields.map(([field, shown]) => `${field}: ${shown}\n`).join('')
}

/** apt tells armored keys from binary ones by their name. */
export function keyringOf(spec: AptRepositorySpec): string {
  check(spec)
  return `/etc/apt/keyrings/${spec.name}.${'file' in spec.key && !spec.key.file.endsWith('.asc') ? 'gpg' : 'asc'}`
}

export function listOf(spec: AptRepositorySpec): string {
  return `/etc/apt/sources.list.d/${spec.name}.sources`
}

/** How messages name the key: by its fingerprint where the text is at hand. */
export function keyLabel({ key }: AptRepositorySpec): string {
  return 'file' in key ? `the key in ${key.file}` : ['key', ...fingerprintsOf(key.content)].join(' ')
}

export function keyText(content: string): string {
  return content.endsWith('\n') ? content : `${content}\n`
}

function check({ name, uri, suite, components, architectures = [] }: AptRepositorySpec): void {
  const flat = suite.endsWith('/')
  const problem = !/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name) ? `${JSON.stringify(name)} is no file name that apt reads`
    : !/^(https?|file|copy|cdrom|mirror(\+\w+)?):[^\s]+$/.test(uri) ? `${JSON.stringify(uri)} is no URI of a repository`
    : !/^[^\s:]+$/.test(suite) ? `${JSON.stringify(suite)} is no suite`
    : flat !== (components === undefined || components.length === 0) ? `a suite needs components, and a flat repository (a suite that ends in "/") has none: got ${JSON.stringify({ suite, components })}`
    : [...(components ?? []), ...architectures].some(word => !/^[A-Za-z0-9_./+-]+$/.test(word)) ? 'components and architectures are single words'
    : undefined
  if (problem !== undefined) throw new TypeError(problem)
}
