import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from './machine.ts'
import { family, freePort, keygen } from './sshd.ts'

/** sshd's own limit of sockets that a daemon listens on. */
const SOCKETS = 16

/** Many endpoints of real sshds on this machine, each with an address of its own out of 127.0.0.0/8, one port, one user. */
export interface SshdFarm {
  readonly folder: string
  readonly addresses: readonly string[]
  readonly port: number
  readonly user: string
  readonly key: string
  readonly knownHosts: string
  /** What the daemons logged, all together. */
  log(): string
  /** How many connections are between being accepted and having logged in. */
  handshakes(): number
  remove(): Promise<void>
}

/** Starts as few daemons as can listen on so many addresses; their MaxStartups is the default. Every endpoint has a state folder of its own, as a host has. */
export async function sshdFarm(count: number): Promise<SshdFarm> {
  const folder = mkdtempSync(join(tmpdir(), 'ts-play-farm-'))
  chmodSync(folder, 0o755)
  const file = (name: string): string => join(folder, name)
  const port = await freePort()
  const user = 'tspfarm'
  keygen(file('host'), 'ed25519')
  keygen(file('id'), 'ed25519')
  chmodSync(file('id.pub'), 0o644)
  writeFileSync(file('known_hosts'), `[127.77.*]:${port} ${readFileSync(file('host.pub'), 'utf8')}`)
  if (!existsSync('/run/sshd')) mkdirSync('/run/sshd', { mode: 0o755 })
  const addresses = Array.from({ length: count }, (_, index) => `127.77.${Math.trunc(index / SOCKETS)}.${(index % SOCKETS) + 1}`)
  const daemons = Array.from({ length: Math.ceil(count / SOCKETS) }, (_, index) => addresses.slice(index * SOCKETS, (index + 1) * SOCKETS))
  for (const [index, own] of daemons.entries()) {
    writeFileSync(file(`config.${index}`), [
      `Port ${port}`, ...own.map(address => `ListenAddress ${address}`), `HostKey ${file('host')}`, `AuthorizedKeysFile ${file('id.pub')}`, 'StrictModes no', 'PidFile none', 'UsePAM no', 'LogLevel VERBOSE',
      ...own.map(address => `Match LocalAddress ${address}\n  SetEnv XDG_STATE_HOME=/home/${user}/${address}`), '',
    ].join('\n'))
  }
  const child = spawn('unshare', ['-m', '/bin/sh', '-c', `mount --make-rprivate /; mount -t tmpfs tmpfs /mnt && cp -a /etc /mnt/etc && mount --bind /mnt/etc /etc; mount -t tmpfs -o mode=755 tmpfs /home
    useradd -m -s /bin/sh ${user} 2>/dev/null; usermod -p '*' ${user}
    ${daemons.map((_, index) => `/usr/sbin/sshd -D -f ${file(`config.${index}`)} -E ${file(`log.${index}`)} &`).join('\n')}
    wait`], { stdio: 'ignore' })
  const log = (): string => readdirSync(folder).filter(name => name.startsWith('log.')).map(name => readFileSync(file(name), 'utf8')).join('')
  await until(() => log().split('Server listening').length > count, { within: 60_000, what: `${count} addresses are listened on` })
  return {
    folder, addresses, port, user, key: file('id'), knownHosts: file('known_hosts'), log,
    handshakes: () => execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' }).split('\n').filter(line => /^sshd: .*\[net\]/.test(line)).length,
    remove: async () => {
      for (const pid of family(child.pid).toReversed()) {
        try {
          process.kill(pid, 'SIGKILL')
        } catch {
          // It was gone already.
        }
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
