import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { $ } from 'zx'
import type { Results } from './results.ts'

/** The class of this machine, and nothing that tells which one it is. */
export function machine(): Results['machine'] {
  const processors = cpus()
  return { processor: processors[0]?.model.trim() ?? 'unknown', cores: processors.length, memory: totalmem(), kernel: release().split('-')[0] ?? '', load: loadavg()[0] ?? 0 }
}

export async function ownVersion(): Promise<string> {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const commit = await $({ quiet: true, nothrow: true, cwd: import.meta.dirname })`git rev-parse --short HEAD`
  return commit.exitCode === 0 ? `${version} (${commit.stdout.trim()})` : String(version)
}

/** `OpenSSH_9.2p1`, without the rest. */
export async function sshVersion(): Promise<string> {
  const { stderr } = await $({ quiet: true, nothrow: true })`ssh -V`
  return /^OpenSSH_(\S+?),?\s/.exec(stderr)?.[1] ?? 'unknown'
}
