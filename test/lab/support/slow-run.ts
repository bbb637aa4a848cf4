import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import type { Event } from '../../../engine/model/event.ts'
import type { Lab } from '../lab.ts'
import { inventoryOf, type Running, type TsPlay } from './ts-play.ts'

const PLAYBOOK = fileURLToPath(new URL('slow.ts', import.meta.url))

/** Runs of the playbook `slow.ts` on one host. */
export interface SlowRun {
  /** The arguments of a run. */
  readonly words: readonly string[]
  /** Starts a run and gives it once its long task runs on the host. */
  readonly begun: (onEvent?: (event: Event) => void) => Promise<Running>
  /** Lets the long task end. */
  readonly go: () => Promise<unknown>
  /** What the tasks made, in the order of their names, and what the handler noted. */
  readonly files: () => Promise<string>
  /** Handlers that are marked as due. */
  readonly due: () => Promise<string>
  /** As if nothing had ever run. */
  readonly reset: () => Promise<unknown>
}

export async function slowRun({ lab, play, host, vars = {} }: { lab: Lab; play: TsPlay; host: string; vars?: Readonly<Record<string, string>> }): Promise<SlowRun> {
  const words = [PLAYBOOK, '-i', await play.write(`slow-${host}-${Object.values(vars).join('-')}.yaml`, inventoryOf(lab, { machines: [host] }, vars))]
  const said = async (command: string): Promise<string> => (await lab.console(host, command)).stdout.replaceAll('\n', ' ').trim()
  return {
    words,
    async begun(onEvent) {
      const running = play.start(words, onEvent && { onEvent })
      // The loop's note of the frame under way: id, deadline, 1 for what may be killed, sections.
      const runs = "{ [ -e /srv/begun ] && [ ! -e /srv/second ]; } || { [ -e /srv/first ] && grep -qs '^[0-9]* [0-9+]* 1 ' /run/ts-play-*/run; }"
      const waited = await lab.console(host, `n=0; until ${runs}; do sleep 0.1; n=$((n+1)); [ $n -lt 300 ] || exit 1; done`)
      expect(waited.code, `${host} begins its long task`).toBe(0)
      return running
    },
    go: () => lab.console(host, 'touch /srv/go'),
    files: () => said('cd /srv; ls; cat notes 2>/dev/null'),
    due: () => said('ls /var/lib/ts-play/pending 2>/dev/null | sed s/@.*//'),
    reset: () => lab.console(host, 'rm -rf /srv/* /var/lib/ts-play'),
  }
}
