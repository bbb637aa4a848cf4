import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { has, isRoot, until } from './machine.ts'
import { namespaceRefusal } from './namespace.ts'

/** Why no sshd of our own can be had here; `undefined` where it can. */
export const sshdRefusal: string | undefined = !has('sshd') || !has('ssh-keygen') ? 'sshd or ssh-keygen is not installed' : !isRoot ? 'sshd needs root to let users in' : namespaceRefusal

/** A real sshd on a loopback port, with host keys, users and an /etc of its own. Nothing of it outlives `stop`. */
export interface Sshd {
  readonly folder: string
  readonly port: number
  /** Private key that every user's authorized_keys holds. */
  readonly key: string
  /** A known_hosts file with all host keys. */
  readonly knownHosts: string
  /** Of the daemon while it runs. */
  readonly pid: number | undefined
  log(): string
  start(): Promise<void>
  /** Ends the daemon and every session of it. */
  stop(): Promise<void>
  remove(): Promise<void>
}

interface Settings {
  /** Lines of sshd_config beside ours. */
  readonly config?: string
  /** Users to make: name, login shell, password. */
  readonly users?: readonly { readonly name: string; readonly shell: string; readonly password?: string }[]
  /** sh that runs before sshd, in its namespace. */
  readonly prepare?: string
  readonly start?: boolean
}

export async function sshd({ config = '', users = [], prepare = '', start = true }: Settings = {}): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'ts-play-sshd-'))
  const port = await freePort()
  const file = (name: string): string => join(folder, name)
  keygen(file('host_ed25519'), 'ed25519')
  keygen(file('host_rsa'), 'rsa')
  keygen(file('id'), 'ed25519')
  const lines = ['host_ed25519', 'host_rsa'].map(name => `[127.0.0.1]:${port} ${readFileSync(file(`${name}.pub`), 'utf8')}`)
  writeFileSync(file('known_hosts'), lines.join(''))
  // sshd lets nobody in without it.
  if (!existsSync('/run/sshd')) mkdirSync('/run/sshd', { mode: 0o755 })
  writeFileSync(file('config'), [
    `Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${file('host_ed25519')}`, `HostKey ${file('host_rsa')}`, `AuthorizedKeysFile ${file('id.pub')}`,
    'StrictModes no', 'PidFile none', 'LogLevel VERBOSE', 'PermitRootLogin yes', ...(/UsePAM/.test(config) ? [] : ['UsePAM no']), config, '',
  ].join('\n'))
  execFileSync('chmod', ['755', folder])
  execFileSync('chmod', ['644', file('id.pub')])
  const setup = `mount --make-rprivate /; mount -t tmpfs tmpfs /mnt && cp -a /etc /mnt/etc && mount --bind /mnt/etc /etc
    mount -t tmpfs tmpfs /var/lib/sudo; mkdir -p /run/sudo && mount -t tmpfs -o mode=711 tmpfs /run/sudo
    ${users.map(({ name, shell, password }) => `useradd -M -d / -s ${shell} ${name} 2>/dev/null; ${password === undefined ? `usermod -p '*' ${name}` : `printf '%s\\n' '${name}:${password}' | chpasswd`}`).join('\n')}
    ${prepare}`
  let daemon: ChildProcess | undefined
  const made: Sshd = {
    folder, port, key: file('id'), knownHosts: file('known_hosts'),
    get pid() {
      return daemon?.pid
    },
    log: () => (existsSync(file('log')) ? readFileSync(file('log'), 'utf8') : ''),
    start: async () => {
      const before = made.log().length
      // It ends with us, also where a test runs out of time and nobody stops it.
      daemon = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', '-m', '/bin/sh', '-c', `${setup}\nexec /usr/sbin/sshd -D -f ${file('config')} -E ${file('log')}`], { stdio: 'ignore', detached: true })
      await until(() => made.log().slice(before).includes('Server listening'), { within: 15_000, what: 'sshd listens' })
    },
    stop: async () => {
      if (!daemon) return
      for (const pid of family(daemon.pid)) kill(pid)
      daemon = undefined
    },
    remove: async () => {
      await made.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  if (start) await made.start()
  return made
}

/** Makes a key pair in files; `phrase` encrypts it. */
export function keygen(file: string, type: 'ed25519' | 'rsa' | 'ecdsa', phrase = ''): void {
  execFileSync('ssh-keygen', ['-q', '-t', type, ...(type === 'rsa' ? ['-b', '2048'] : []), '-N', phrase, '-f', file])
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

/** The daemon and its sessions' sshd processes, not what runs in them. */
export function family(pid: number | undefined): number[] {
  if (pid === undefined) return []
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,comm='], { encoding: 'utf8' }).trim().split('\n').map(line => line.trim().split(/\s+/))
  const children = (parent: number): number[] => rows.flatMap(([child, of, name]) => (Number(of) === parent && name?.startsWith('sshd') ? [Number(child), ...children(Number(child))] : []))
  return [pid, ...children(pid)]
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It was gone already.
  }
}
