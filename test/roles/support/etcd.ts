import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { binFolder } from '../../lab/kubernetes/binaries.ts'
import { versions } from '../../lab/kubernetes/versions.ts'

const folderOf = binFolder('etcd', versions.etcd)

/** Whether the lab has built etcd here: without it nothing is run for real. */
export const etcdIsHere = ['server', 'etcdctl', 'etcdutl'].every(name => existsSync(join(folderOf, name)))

export interface RealEtcd {
  readonly client: string
  readonly etcdctl: (...words: readonly string[]) => string
  readonly stop: () => void
}

/** etcd's programs as releases name them. */
export function etcdPrograms(folder: string): void {
  mkdirSync(folder)
  for (const [name, binary] of [['etcd', 'server'], ['etcdctl', 'etcdctl'], ['etcdutl', 'etcdutl']] as const) symlinkSync(join(folderOf, binary), join(folder, name))
}

/** One etcd on the loopback. */
export async function realEtcd(folder: string, port: number): Promise<RealEtcd> {
  const [client, peer] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${port + 1}`]
  const server = spawn(join(folderOf, 'server'), ['--data-dir', join(folder, 'live'), '--listen-client-urls', client, '--advertise-client-urls', client, '--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`, '--log-level', 'error'], { stdio: 'ignore' })
  const etcdctl: RealEtcd['etcdctl'] = (...words) => execFileSync(join(folderOf, 'etcdctl'), ['--endpoints', client, ...words], { encoding: 'utf8', stdio: 'pipe' })
  for (let tries = 0; ; tries++) {
    try {
      etcdctl('endpoint', 'health')
      return { client, etcdctl, stop: () => void server.kill() }
    } catch (error) {
      if (tries > 50) throw error
      await pause(100)
    }
  }
}

/** `systemd-run` and `systemctl` that start and end one process and remember it in `$PIDS`. */
export function unitsByHand(folder: string): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'systemd-run'), '#!/bin/sh\nwhile [ "${1#--}" != "$1" ]; do shift; done\n"$@" >/dev/null 2>&1 &\necho $! >"$PIDS"\n', { mode: 0o755 })
  writeFileSync(join(folder, 'systemctl'), '#!/bin/sh\nif [ -e "$PIDS" ]; then kill "$(cat "$PIDS")"; rm "$PIDS"; fi\n', { mode: 0o755 })
}
