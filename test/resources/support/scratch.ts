import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'

const made: string[] = []

/** True where tests may change owners and become other users. */
export const root = process.getuid?.() === 0
/** Why a test of owners does not run here. */
export const needsRoot = root ? undefined : 'needs root: it changes owners'

/** A folder of a test's own, removed after its file's tests. 0755, so that scripts run as another user can enter it. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ts-play-resources-'))
  chmodSync(folder, 0o755)
  made.push(folder)
  return folder
}

/** Nothing was made by a relative name: the trace of an injected `touch pwned`. */
export function expectNoInjection(folder: string): void {
  expect(readdirSync(join(folder, 'cwd'))).toEqual([])
}

afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true })
})
