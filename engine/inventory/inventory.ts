import type { Diagnostic } from '../model/diagnostic.ts'
import type { BecomeMethodName, Member } from '../model/host.ts'
import type { Secret } from '../model/secret.ts'
import type { HostKeyPins } from './host-key-pins.ts'

/** A place in a file the user wrote, ready to become a Diagnostic. */
export interface Place {
  readonly file: string
  /** 1-based; 0 where a place cannot be given. */
  readonly line: number
  readonly column: number
  /** Characters to underline on that line. */
  readonly length: number
  /** The line itself, control characters and plain-text passwords masked; absent for lines of an encrypted file. */
  readonly source?: string
}

/** Where a variable was set. One object per place, shared by every host that gets the variable from there. */
export interface VarSource {
  /** What set it, in words: `group masters`, `host m1`, `group_vars/masters.yaml`. */
  readonly setBy: string
  /** The place of the value, or of the part that `path` leads to; the nearest part that exists. `key` underlines its name instead. */
  at(path?: readonly PropertyKey[], part?: 'key' | 'value'): Place
  /** The text as it was written when the part is a scalar without quotes: `yes`, `014`, `1.30`. */
  bare(path?: readonly PropertyKey[]): string | undefined
}

/** How a host is reached and how another user is become there: the `ansible_*` variables that ts-play understands. */
export interface Access {
  /** `ansible_connection`; `ssh` and none are `auto`, `paramiko` is `ssh2`; `local` is the default of a host called localhost. */
  readonly connection: 'auto' | 'ssh2' | 'openssh' | 'local'
  /** `ansible_port`; default 22. */
  readonly port: number | undefined
  /** `ansible_user`; default: as the command line says, then the user who runs ts-play. */
  readonly user: string | undefined
  /** `ansible_ssh_private_key_file`: absolute; `~` is the home folder, and a relative path starts at the file that says it. */
  readonly privateKeyFile: string | undefined
  /** `-o UserKnownHostsFile=PATH` in `ansible_ssh_common_args`: the file with the hosts' keys. */
  readonly knownHostsFile: string | undefined
  /** The rest of `ansible_ssh_args`, `ansible_ssh_common_args` and `ansible_ssh_extra_args`, as `Key=value` of ssh_config: of two, the first counts. */
  readonly sshOptions: readonly string[]
  /** `-F FILE` in those: instead of the user's ssh_config and the system's. */
  readonly sshConfigFile: string | undefined
  /** `ansible_host_key`: default none; then known_hosts decides. */
  readonly hostKeyPins: HostKeyPins | undefined
  /** `ansible_password` */
  readonly password: Secret<string> | undefined
  /** `ansible_become`; default: as the play or `-b` says. */
  readonly become: boolean | undefined
  /** `ansible_become_user`; default root. */
  readonly becomeUser: string | undefined
  /** `ansible_become_method`; default: as the command line says, then sudo. */
  readonly becomeMethod: BecomeMethodName | undefined
  /** `ansible_become_password` */
  readonly becomePassword: Secret<string> | undefined
}

/**
 * A host of the inventory. `vars` are merged: all < parent group < child group < host, and at each of these
 * levels what the inventory file says < `group_vars/` or `host_vars/`. Nothing is merged below the top level of
 * a variable, and the understood `ansible_*` are in `access` and `address`, not in `vars`.
 */
export interface Host extends Member {
  /** Where the inventory first names it. */
  readonly place: Place
  readonly access: Access
  /** Names of its groups, `all` first, then from the least to the most specific. */
  readonly groups: readonly string[]
  /** Where each of `vars` was set. */
  readonly varSources: ReadonlyMap<string, VarSource>
}

export interface Inventory {
  /** The files and folders it was read from, as they were given. */
  readonly paths: readonly string[]
  /** In inventory order: the order in which the files first name them. */
  readonly hosts: readonly Host[]
  /** Every group with its hosts in inventory order, those of child groups included. `all` is one; `ungrouped` is there when it has hosts. */
  readonly groups: ReadonlyMap<string, readonly string[]>
  /** The machine that ts-play runs on: the inventory's own `localhost`, else one of that name with the variables of `all`. */
  readonly controller: Host
}

/** What `read` gives: as much of the inventory as could be understood, and everything that was wrong with it. */
export interface ReadResult {
  readonly inventory: Inventory
  readonly diagnostics: readonly Diagnostic[]
}

/** Hosts in inventory order, or why there are none: said by whoever knows where the pattern was written. */
export type Resolved = { readonly hosts: readonly Host[] } | { readonly problem: string; readonly hint: string }
