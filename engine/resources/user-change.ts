import { raw, sh, type Command } from '../model/command.ts'
import type { Account, UserSpec } from './user-spec.ts'

export function add(spec: UserSpec): Command {
  const { name, uid, group, groups = [], home, shell, system = false } = spec
  const options = [
    ...(uid === undefined ? [] : ['-u', uid]),
    ...(groups.length === 0 ? [] : ['-G', groups.join(',')]),
    ...(home === undefined ? [] : ['-d', home]),
    ...(shell === undefined ? [] : ['-s', shell]),
    ...(system ? ['-r'] : []),
    wantsHome(spec) ? '-m' : '-M',
  ]
  // useradd would rather fail than take a group of the user's name that is there already.
  const primary = group === undefined ? sh`$(if [ -n "$(tsp_account group ${name})" ]; then echo -g ${name}; else echo -U; fi)` : sh`-g ${group}`
  return sh`useradd ${options} ${primary} ${name}\n`
}

export function modify({ name, uid, group, home, shell }: UserSpec, missing: readonly string[], differs: ReadonlySet<string>): Command {
  const options = [
    ...(differs.has('uid') && uid !== undefined ? ['-u', uid] : []),
    ...(differs.has('group') && group !== undefined ? ['-g', group] : []),
    ...(missing.length === 0 ? [] : ['-a', '-G', missing.join(',')]),
    ...(differs.has('home') && home !== undefined ? ['-d', home] : []),
    ...(differs.has('shell') && shell !== undefined ? ['-s', shell] : []),
  ]
  return options.length === 0 ? raw('') : sh`usermod ${options} ${name}\n`
}

/** As useradd -m does it, for an account that is there already. It gets its name last. */
export function makeHome(name: string): Command {
  return sh`tsp_home=$(tsp_account passwd ${name} | cut -d : -f 6)
rm -rf "$tsp_home.ts-play"
mkdir -m 0700 "$tsp_home.ts-play"
[ ! -d /etc/skel ] || cp -R /etc/skel/. "$tsp_home.ts-play"
chown -R "$(id -u ${name}):$(id -g ${name})" "$tsp_home.ts-play"
mv "$tsp_home.ts-play" "$tsp_home"
`
}

export function missingGroups({ groups = [] }: UserSpec, account: Account | undefined): readonly string[] {
  return groups.filter(group => account?.groups.includes(group) !== true)
}

export function wantsHome({ createHome, system = false }: UserSpec): boolean {
  return createHome ?? !system
}
