/** A machine as a role sees it: its inventory name and the address it is reached at. */
export interface HostRef {
  readonly name: string
  readonly address: string
}

/** A host of a group, static from the inventory: what `group.members` hands to a role. */
export interface Member extends HostRef {
  readonly vars: Readonly<Record<string, unknown>>
}

/** The programs that another user can be become with. */
export const BECOME_METHODS = ['sudo', 'su', 'doas'] as const
export type BecomeMethodName = (typeof BECOME_METHODS)[number]
