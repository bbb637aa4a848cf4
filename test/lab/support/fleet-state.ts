import type { Lab } from '../lab.ts'

/** Who is in which group of the fleet. */
export const FLEET = { lead: ['h1'], web: ['h2', 'h3', 'h4'], store: ['h5', 'h6', 'h7'] } as const
export const FLEET_HOSTS = Object.values(FLEET).flat()

/** What a change of the fleet makes due: the file that tells that the change was made, the handler's mark, and what the handler notes. */
const NOTES = [
  { file: 'base.conf', mark: 'note-base', note: 'base', on: FLEET_HOSTS },
  { file: 'migrated', mark: 'note-migrated', note: 'migrated', on: FLEET_HOSTS },
  { file: 'leader.conf', mark: 'note-leader', note: 'leader', on: FLEET.lead },
  { file: 'roster', mark: 'note-roster', note: 'roster', on: FLEET.lead },
  { file: 'conf.d/20-web.conf', mark: 'note-web', note: 'web', on: FLEET.web },
  { file: 'current/data.conf', mark: 'note-data', note: 'data', on: FLEET.store },
  { file: '../home/own.conf', mark: 'note-own', note: 'own', on: FLEET.store },
  { file: 'conf.d/20-store.conf', mark: 'note-upgraded', note: 'upgraded', on: FLEET.store },
] as const satisfies readonly { readonly file: string; readonly mark: string; readonly note: string; readonly on: readonly string[] }[]

/** A host of the fleet as it was found. */
export interface FleetHost {
  readonly host: string
  /** Marks of the handlers that its state makes due: something was changed, and no handler has been told. */
  readonly due: readonly string[]
  /** Marks that lie under any user's `pending/`. */
  readonly pending: readonly string[]
  /** What handlers noted of this release, in their order. */
  readonly notes: readonly string[]
  /** Files that do not have the release yet. */
  readonly behind: readonly string[]
  readonly tickets: readonly string[]
}

export async function fleetState(lab: Lab, release: string): Promise<readonly FleetHost[]> {
  return Promise.all(FLEET_HOSTS.map(host => fleetHost(lab, host, release)))
}

async function fleetHost(lab: Lab, host: string, release: string): Promise<FleetHost> {
  const own = NOTES.filter(({ on }) => on.some(name => name === host))
  const script = `
cd /srv/app 2>/dev/null || cd /srv
for file in ${own.map(({ file }) => file).join(' ')}; do grep -qsw ${release} "$file" || echo "behind $file"; done
sed -n 's/^\\(.*\\) ${release}$/note \\1/p' /root/notes 2>/dev/null
ls /var/lib/ts-play/pending /srv/home/.local/state/ts-play/pending 2>/dev/null | sed -n 's/^\\([a-z0-9-]*\\)@.*/pending \\1/p'
ls /srv/tickets 2>/dev/null | sed 's/^/ticket /'
! ls conf.d/*.conf >/dev/null 2>&1 || cat conf.d/*.conf 2>/dev/null | cmp -s - /run/app.loaded || echo stale`
  const lines = (await lab.console(host, script)).stdout.split('\n')
  const of = (kind: string): readonly string[] => lines.filter(line => line.startsWith(`${kind} `)).map(line => line.slice(kind.length + 1))
  const [behind, notes] = [of('behind'), of('note')]
  const due = own.filter(({ file, note }) => !behind.includes(file) && !notes.includes(note)).map(({ mark }): string => mark)
  return { host, due: lines.includes('stale') ? [...due, 'restart-app'] : due, pending: of('pending'), notes, behind, tickets: of('ticket') }
}

/** What the handlers of a release have to note on a host. */
export function notesOf(host: string): readonly string[] {
  return NOTES.filter(({ on }) => on.some(name => name === host)).map(({ note }) => note)
}

/** Takes everything from the hosts that a fleet puts there. */
export async function wipeFleet(lab: Lab): Promise<void> {
  const wipe = 'systemctl -q disable --now app 2>/dev/null; rm -rf /etc/systemd/system/app.service /etc/sysctl.d/99-ts-play.conf /run/app.loaded /srv/* /root/notes /var/lib/ts-play; systemctl daemon-reload; userdel app 2>/dev/null; groupdel app 2>/dev/null; sysctl -qw net.core.somaxconn=4096'
  await Promise.all(FLEET_HOSTS.map(host => lab.console(host, wipe)))
}
