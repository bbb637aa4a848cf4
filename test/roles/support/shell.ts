import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Runs sh with fakes before the real tools: each is a script that gets the arguments. */
export function runShell(script: string, fakes: Readonly<Record<string, string>> = {}): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const folder = mkdtempSync(join(tmpdir(), 'ts-play-roles-'))
  try {
    for (const [name, body] of Object.entries(fakes)) {
      writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`)
      chmodSync(join(folder, name), 0o755)
    }
    const { status, stdout, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8', env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, LC_ALL: 'C' }, timeout: 15_000 })
    return { status, stdout, stderr }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Whether a POSIX shell can read it; says what it stumbles over. */
export function syntaxError(script: string): string | undefined {
  const { status, stderr } = spawnSync('sh', ['-n'], { input: script, encoding: 'utf8' })
  return status === 0 ? undefined : stderr
}

/** The path of a program, or a reason to skip the test that needs it. */
export function program(name: string): { readonly path: string } | { readonly missing: string } {
  try {
    return { path: execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8', env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` } }).trim() }
  } catch {
    return { missing: `${name} is not installed` }
  }
}
