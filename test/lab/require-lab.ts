import { labRefusal } from './refusal.ts'

/**
 * Whether tests that need real hosts have to be skipped here; the reason is printed. Where the lab is known to work
 * (TS_PLAY_LAB=required, as in CI), a machine that cannot host one is a failure and not a silently shorter test run.
 */
export function requireLab(): boolean {
  const refusal = labRefusal()
  if (refusal === undefined) return false
  if (process.env['TS_PLAY_LAB'] === 'required') throw new Error(`TS_PLAY_LAB=required, but ${refusal}`)
  process.stderr.write(`lab tests are skipped: ${refusal}\n`)
  return true
}
