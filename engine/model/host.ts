/** A machine as a role sees it: its inventory name and the address it is reached at. */
export interface HostRef {
  readonly name: string
  readonly address: string
}

/** A host of a group, static from the inventory: what `group.members` hands to a role. */
export interface Member extends HostRef {
  readonly vars: Readonly<Record<string, unknown>>
}

/** How to become another user on a host. `password` is asked for, or comes from the inventory as a secret. */
export interface Become {
  readonly user: string
}
