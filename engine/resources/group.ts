import { absent, modifies, value, type Change } from '../model/change.ts'
import { sh } from '../model/command.ts'
import { expectation } from '../model/expectation.ts'
import { resource } from '../model/resource.ts'
import { accountId, accountName, accountShell, sharesAccount } from './account.ts'
import { onPath } from './turning.ts'

export interface GroupSpec {
  readonly name: string
  /** Default: the next free one. */
  readonly gid?: number
  /** Whether a new group gets an id below those of people; default false. */
  readonly system?: boolean
  /** Default `present`. A group that is somebody's primary one cannot go. */
  readonly state?: 'present' | 'absent'
}

interface GroupState {
  /** Undefined when the group does not exist. */
  readonly gid: number | undefined
}

/** A group of the host (groupadd(8)). Files keep the id they had when a group gets another. Check mode only looks. */
export const group = resource<GroupSpec, GroupState>({
  kind: 'group',
  id: spec => accountName(spec.name),
  helpers: accountShell,
  probe({ name, gid }) {
    if (gid !== undefined) accountId(gid)
    return { command: sh`set -eu\ntsp_account group ${name}\n`, shares: sharesAccount('group', name) }
  },
  parse({ stdout }) {
    if (stdout.trim() === '') return { gid: undefined }
    const gid = Number(stdout.split(':')[2] || Number.NaN)
    if (Number.isNaN(gid)) throw new Error('expected an entry of group(5)')
    return { gid }
  },
  plan({ spec: { gid, state = 'present' }, state: is }) {
    const changes: Change[] = []
    if ((is.gid !== undefined) !== (state === 'present')) changes.push(modifies('state', state === 'present' ? absent : value('present'), state === 'present' ? value('present') : absent))
    if (state === 'present' && gid !== undefined && gid !== is.gid) changes.push(modifies('gid', is.gid === undefined ? absent : value(is.gid), value(gid)))
    return changes
  },
  effects: ({ name }) => [{ type: 'account', name }, ...onPath('/etc/group')],
  turnedBy: () => false,
  settled: ({ spec: { name, gid, state } }) => (state === 'absent' ? [''] : expectation([`${name}:`, undefined, `:`, gid?.toString(), ':', undefined, '\n'])),
  apply({ spec: { name, gid, system = false, state }, state: is }) {
    if (state === 'absent') return sh`groupdel ${name}`
    if (is.gid !== undefined) return sh`groupmod -g ${gid ?? is.gid} ${name}`
    return sh`groupadd ${[...(system ? ['-r'] : []), ...(gid === undefined ? [] : ['-g', gid]), name]}`
  },
})
