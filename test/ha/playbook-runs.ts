import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import type { Finished, TsPlay } from '../lab/support/ts-play.ts'

export type Run = (playbook: string, file: string, ...words: readonly string[]) => Promise<Finished>

/** Runs playbooks of ours by their names, and tells what each took; `well` wants it to end well. */
export function playbookRuns(play: () => TsPlay, tell: (text: string) => void): { readonly run: Run; readonly well: Run } {
  const run: Run = async (playbook, file, ...words) => {
    const finished = await play().run([fileURLToPath(new URL(`../../playbooks/${playbook}.ts`, import.meta.url)), '-i', file, ...words])
    tell(`${[playbook, ...words].join(' ')}: ${finished.code} after ${((finished.events.at(-1)?.at ?? 0) / 1000).toFixed(1)} s`)
    return finished
  }
  const well: Run = async (playbook, file, ...words) => {
    const finished = await run(playbook, file, ...words)
    expect(finished.code, finished.stdout + finished.stderr).toBe(0)
    return finished
  }
  return { run, well }
}
