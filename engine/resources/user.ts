import { absent, hidden, modifies, value, type Change } from '../model/change.ts'
import { raw, sh, type Command } from '../model/command.ts'
import { anything } from '../model/effect.ts'
import { expectation } from '../model/expectation.ts'
import { resource } from '../model/resource.ts'
import { secret } from '../model/secret.ts'
import { accountId, accountName, accountShell, sharesAccount } from './account.ts'
import { targetPath } from './path.ts'
import { onPath, turnsPath } from './turning.ts'
import { add, makeHome, missingGroups, modify, wantsHome } from './user-change.ts'
import type { Account, UserSpec } from './user-spec.ts'

/** passwd(5), group(5), shadow(5). */
const ACCOUNTS = ['/etc/passwd', '/etc/group', '/etc/shadow']

interface UserState {
  readonly account: Account | undefined
}

/**
 * A user of the host (useradd(8), usermod(8)). What is not given is left alone.
 *
 * Password hashes go to the host on stdin and are compared there; no output holds one. Check mode only looks.
 *
 * @throws TypeError for a password that is no hash
 */
export const user = resource<UserSpec, UserState>({
  kind: 'user',
  id: spec => accountName(spec.name),
  helpers: accountShell,
  probe(spec) {
    const name = accountName(spec.name)
    for (const each of [spec.group, ...(spec.groups ?? [])]) if (each !== undefined) accountName(each)
    for (const path of [spec.home, spec.shell]) if (path !== undefined) targetPath(path)
    if (spec.uid !== undefined) accountId(spec.uid)
    const password = spec.password?.map(checkedHash)
    const compare = password === undefined ? raw('') : sh`[ -r /etc/shadow ] || { echo 'only root can compare passwords' >&2; exit 1; }
IFS= read -r tsp_wanted
tsp_is=$(awk -F : -v name=${name} '$1 == name { print $2 }' /etc/shadow)
if [ "$tsp_is" = "$tsp_wanted" ]; then echo same; else echo differs; fi
`
    const command = sh`set -eu
tsp_entry=$(tsp_account passwd ${name})
[ -n "$tsp_entry" ] || exit 0
tsp_names=$(tsp_groups ${name})
tsp_user "$tsp_entry" "$tsp_names" ${spec.home === undefined ? [] : [spec.home]}
${compare}`
    const shares = sharesAccount('passwd', name, spec.home)
    return password === undefined ? { command, shares } : { command, shares, stdin: secret`${password}\n` }
  },
  parse({ stdout }) {
    if (stdout.trim() === '') return { account: undefined }
    const [entry = '', group, groups, home, password] = stdout.split('\n')
    const [uid = '', folder, shell] = entry.split(':')
    if (folder === undefined || shell === undefined || group === undefined || groups === undefined || home === undefined) throw new Error('expected an entry of passwd(5), groups and the home directory')
    return { account: { uid, group, groups: groups.split(' '), home: folder, homeExists: home === 'home', shell, samePassword: password === 'same' } }
  },
  plan({ spec, state: { account } }) {
    const changes: Change[] = []
    const differs = (attribute: string, is: string | undefined, wanted: string | number | undefined): void => {
      if (wanted !== undefined && is !== String(wanted)) changes.push(modifies(attribute, is === undefined ? absent : value(is), value(wanted)))
    }
    if (spec.state === 'absent') return account === undefined ? [] : [modifies('state', value('present'), absent)]
    if (account === undefined) differs('state', undefined, 'present')
    differs('uid', account?.uid, spec.uid)
    differs('group', account?.group, spec.group)
    const missing = missingGroups(spec, account)
    if (missing.length > 0) changes.push(modifies('groups', account === undefined ? absent : value(account.groups.join(' ')), value([...(account?.groups ?? []), ...missing].join(' '))))
    differs('home', account?.home, spec.home)
    if (wantsHome(spec) && account !== undefined && !account.homeExists) changes.push(modifies('home directory', absent, value(spec.home ?? account.home)))
    differs('shell', account?.shell, spec.shell)
    if (spec.password !== undefined && account?.samePassword !== true) changes.push(modifies('password', account === undefined ? absent : hidden, hidden))
    return changes
  },
  effects({ name, home = `/home/${name}` }, changes) {
    const only = ['groups', 'shell', 'password']
    // A shell, a password or one group more is nothing to the files of a user; a new home has what this host's skeleton has.
    if (changes.length > 0 && changes.every(({ attribute }) => only.includes(attribute))) return ACCOUNTS.flatMap(path => onPath(path))
    return [...anything, { type: 'account', name }, ...onPath(home), ...ACCOUNTS.flatMap(path => onPath(path))]
  },
  turnedBy: ({ spec, state: { account } }, effect) => account !== undefined && ((effect.type === 'account' && effect.name === spec.group && account.group !== spec.group) || (!account.homeExists && turnsPath(effect, spec.home ?? account.home))),
  settled({ spec }) {
    const { state, uid, group: primary, groups = [], home, shell, password } = spec
    if (state === 'absent') return ['']
    // Which order a host tells them in is not known.
    if (groups.length > 0) return undefined
    return expectation([uid?.toString(), ':', home, ':', shell, '\n', primary, '\n', undefined, '\n', wantsHome(spec) ? 'home' : undefined, '\n', password === undefined ? '' : 'same\n'])
  },
  apply({ spec, state: { account }, changes }) {
    const { name, password } = spec
    if (spec.state === 'absent') return sh`userdel ${name}`
    const differs = new Set(changes.map(change => change.attribute))
    const steps: Command[] = [account === undefined ? add(spec) : modify(spec, missingGroups(spec, account), differs)]
    if (differs.has('home directory')) steps.push(makeHome(name))
    if (differs.has('password')) steps.push(sh`chpasswd -e\n`)
    const command = sh`set -eu\numask 022\n${raw(steps.map(step => step.text).join(''))}`
    return password === undefined ? command : { command, stdin: password.map(hash => `${name}:${hash}\n`) }
  },
})

/** A password in clear text would become a hash that nothing fits, and would be readable in /etc/shadow. */
function checkedHash(hash: string): string {
  if (!/^(\$[\w./$=,+-]+|[*!]+)$/.test(hash)) throw new TypeError('password must be a hash as crypt(5) describes ($6$…), not the password itself')
  return hash
}
