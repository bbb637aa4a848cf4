import type { Event } from '../../../engine/model/event.ts'
import { changed, label, modifies, ok, Recording, value } from './recording.ts'

/**
 * 50 hosts through 10 plays of 12 tasks, hosts beside each other: what a live view has to bear. Seconds pass between the ends of plays, as in
 * life; 15,000 events in about a minute.
 */
export function bigRun({ hosts = 50, plays = 10, tasks = 12 } = {}): readonly Event[] {
  const names = Array.from({ length: hosts }, (_, index) => `node-${String(index + 1).padStart(2, '0')}`)
  const run = new Recording().start('run', Object.fromEntries(Array.from({ length: plays }, (_, index) => [`play-${index + 1}`, names])), 'big')
  const step = 60_000 / (plays * tasks * hosts)
  for (const host of names) run.connected(host, 90)
  for (let play = 1; play <= plays; play += 1) onePlay(run, { play: `play-${play}`, names, tasks, step })
  return run.finish(0)
}

function onePlay(run: Recording, { play, names, tasks, step }: { play: string; names: readonly string[]; tasks: number; step: number }): void {
  for (const host of names) run.begin(play, host)
  for (let number = 1; number <= tasks; number += 1) {
    const task = label('file', `/etc/example/part-${number}.conf`, number)
    for (const host of names) run.taskStarted(play, host, task)
    for (const host of names) run.pass(step).task(play, host, { task, outcome: number % 3 === 0 ? changed(modifies('mode', value('0644'), value('0600'))) : ok })
  }
  for (const host of names) run.end(play, host)
}
