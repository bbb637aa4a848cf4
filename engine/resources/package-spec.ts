export interface PackageSpec {
  /** One or several packages: several are one apt transaction. With `:arch` for a foreign architecture. */
  readonly name: string | readonly string[]
  /** Exactly this version of each, as apt prints it; a lower one than installed is a downgrade. Default: any. */
  readonly version?: string
  /** Default `present`. `absent` removes, and refuses when that would take other packages along. */
  readonly state?: 'present' | 'absent'
  /** Whether dpkg holds the package at its version. Default: left alone, and a held package is not changed. */
  readonly hold?: boolean
  /**
   * When the package lists are fetched: `if-missing` (default) where they do not know the package or version, or name a file that the mirror
   * no longer has; `always` before every change; `never` for hosts without a mirror.
   */
  readonly update?: 'if-missing' | 'always' | 'never'
  /** Archives (.deb) on the target, absolute paths, installed in the same transaction. apt trusts local files: verify them where they are brought. */
  readonly files?: readonly string[]
  /** Whether recommended packages come along; default false. */
  readonly recommends?: boolean
  /** Whether the transaction may start and restart services, as Debian does; default true. */
  readonly start?: boolean
  /** With `absent`: configuration files too. Default false. */
  readonly purge?: boolean
}

export interface Installed {
  /** dpkg's word: `installed`, `config-files`, `half-configured`, … */
  readonly status: string
  readonly version: string
  readonly held: boolean
}
export interface PackageState {
  /** By name as asked for; missing when dpkg does not know it. */
  readonly packages: ReadonlyMap<string, Installed>
  /** Name to version of what the spec's files hold. */
  readonly archives: ReadonlyMap<string, string>
  /** What an interrupted dpkg left behind. */
  readonly broken: readonly string[]
}

/** The files are there; where configuring is left, mending `dpkg` does it (dpkg(1), "Package states"). */
export const THERE = ['installed', 'unpacked', 'half-configured', 'triggers-awaited', 'triggers-pending']
export const GONE: Installed = { status: 'not-installed', version: '', held: false }

export function isThere(is: Installed, version: string | undefined): boolean {
  return THERE.includes(is.status) && (version === undefined || is.version === version)
}

/** Names with the version each has to have, the contents of `files` included. */
export function wantedOf(spec: PackageSpec, state: PackageState): ReadonlyMap<string, string | undefined> {
  return new Map([...namesOf(spec).map((name): [string, string | undefined] => [name, spec.version]), ...state.archives])
}

export function filesOf({ files = [] }: PackageSpec): readonly string[] {
  const relative = files.find(file => !file.startsWith('/'))
  if (relative !== undefined) throw new TypeError(`package archives are named by absolute path, got ${JSON.stringify(relative)}`)
  return files
}

/** Debian policy 5.6.7, with an architecture; nothing that apt could read as `name-`, `name+`, a task or a pattern. */
export function namesOf({ name }: PackageSpec): readonly string[] {
  const names = typeof name === 'string' ? [name] : name
  const wrong = names.find(each => !/^[a-z0-9][a-z0-9+.-]+(:[a-z0-9-]+)?$/.test(each))
  if (wrong !== undefined || names.length === 0) throw new TypeError(`${JSON.stringify(wrong ?? names)} is no package name`)
  return names
}
