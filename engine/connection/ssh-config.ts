import { execFile } from 'node:child_process'
import { messageOf } from './failure.ts'
import { short } from './openssh-failure.ts'

/** How the user's ssh_config is asked. */
export interface SshConfigQuery {
  /** `-F`: instead of the user's file and the system's; `none`: no file at all. */
  readonly file?: string
  /** `Key=value`: what the inventory and the command line say, so before what any file says. Of two, the first counts. */
  readonly options: readonly string[]
  /** What `~` stands for. */
  readonly home: string
  /** Of the user: where agents are, and what a program named in ssh_config may need. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** known_hosts files that were given for the whole run: they are those of jump hosts, too. */
  readonly runKnownHosts?: readonly string[]
}

/** Everything that OpenSSH would do for one host: what `ssh -G` prints. */
export class SshSettings {
  readonly #lines: ReadonlyMap<string, readonly string[]>

  constructor(text: string) {
    const lines = new Map<string, string[]>()
    for (const line of text.split('\n')) {
      const at = line.indexOf(' ')
      if (at > 0) lines.set(line.slice(0, at), [...(lines.get(line.slice(0, at)) ?? []), line.slice(at + 1)])
    }
    this.#lines = lines
  }

  /** The value of a keyword (in lower case); `undefined` where it is not set, or set to `none`. */
  one(keyword: string): string | undefined {
    const value = this.#lines.get(keyword)?.[0]
    return value === undefined || value === 'none' || value === '' ? undefined : value
  }

  saysNone(keyword: string): boolean {
    return this.#lines.get(keyword)?.[0] === 'none'
  }

  /** All lines of a keyword. */
  all(keyword: string): readonly string[] {
    return (this.#lines.get(keyword) ?? []).filter(value => value !== 'none')
  }

  /** The words of a keyword that takes several. */
  words(keyword: string): readonly string[] {
    return (this.one(keyword) ?? '').split(' ').filter(Boolean)
  }

  /** The members of a keyword that takes a list with commas. */
  list(keyword: string): readonly string[] {
    return (this.one(keyword) ?? '').split(',').filter(Boolean)
  }

  is(keyword: string): boolean {
    const value = this.one(keyword)
    return value === 'yes' || value === 'true'
  }
}

export type SshConfigReply = { readonly type: 'settings'; readonly settings: SshSettings } | { readonly type: 'refused' | 'missing'; readonly message: string }

/** Asks ssh itself, so that Include, Match, patterns and defaults are exactly its own. Costs a process of a few milliseconds. */
export async function askSshConfig({ file, options, environment }: SshConfigQuery, host: string): Promise<SshConfigReply> {
  const given = ['-G', '-T', ...(file === undefined ? [] : ['-F', file]), ...options.flatMap(option => ['-o', option]), '--', host]
  return new Promise(resolve => {
    // A `Match exec` that hangs must not hang a run.
    execFile('ssh', given, { env: environment, timeout: 20_000, maxBuffer: 1024 * 1024, encoding: 'utf8' }, (error, stdout, stderr) => {
      if (!error) return resolve({ type: 'settings', settings: new SshSettings(stdout) })
      if ('code' in error && error.code === 'ENOENT') return resolve({ type: 'missing', message: 'there is no ssh program here' })
      resolve({ type: 'refused', message: error.killed === true ? 'ssh -G was not done after 20 s' : short(stderr) || messageOf(error) })
    })
  })
}
