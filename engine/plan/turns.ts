import type { Diagnostic } from '../model/diagnostic.ts'
import type { Play } from '../model/play.ts'
import type { Playbook } from '../model/playbook.ts'
import type { Batch, Rolling } from '../model/rolling.ts'
import type { Directory } from './directory.ts'
import type { PlannedPlay, Turn } from './graph.ts'
import { mistake } from './mistake.ts'

/** The turns of serial plays and rollings, by play; one object for all plays of a rolling. */
export function turnsOf(playbook: Playbook, plays: readonly PlannedPlay[]): ReadonlyMap<Play, Turn> {
  const turns = new Map<Play, Turn>()
  for (const { play, full } of plays) {
    if (play.serial === undefined) continue
    // With a share of its own the play says itself when it stops.
    const maxFailures = play.maxFailPercentage === undefined ? 0 : undefined
    turns.set(play, { name: play.name, limit: hostsAtATime(play.serial, full.length), maxFailures, pause: 0, nodes: new Map(full.map(id => [hostOf(play, id), 1])) })
  }
  for (const rolling of playbook.rollings) {
    const nodes = new Map<string, number>()
    for (const { play, full } of plays) if (rolling.plays.includes(play)) for (const id of full) nodes.set(hostOf(play, id), (nodes.get(hostOf(play, id)) ?? 0) + 1)
    const turn: Turn = { name: nameOf(rolling), limit: hostsAtATime(rolling.batch, nodes.size), maxFailures: rolling.maxFailures, pause: rolling.pause, nodes }
    for (const play of rolling.plays) turns.set(play, turn)
  }
  return turns
}

/** A share is rounded down, as Ansible does, and is one host at least. */
export function hostsAtATime(batch: Batch, hosts: number): number {
  return typeof batch === 'number' ? batch : Math.max(1, Math.floor((hosts * Number.parseFloat(batch)) / 100))
}

/** What cannot be taken in turns: it would wait for itself, or for a host whose turn comes later. */
export function checkTurns({ plays, rollings }: Playbook, directory: Directory, diagnostics: Diagnostic[]): void {
  for (const play of plays) {
    if (play.serial !== undefined && !isBatch(play.serial)) diagnostics.push(mistake(play.origin, `serial of play ${play.name} is ${play.serial}`, BATCH))
    const share = play.maxFailPercentage
    if (share !== undefined && !(share >= 0 && share <= 100)) diagnostics.push(mistake(play.origin, `maxFailPercentage of play ${play.name} is ${share}`, 'it is a number from 0 to 100'))
  }
  for (const rolling of rollings) {
    const say = (play: Play, message: string, hint: string): void => void diagnostics.push(mistake(play.origin, `play ${play.name} ${message}`, hint))
    if (!isBatch(rolling.batch)) diagnostics.push(mistake(rolling.origin, `batch of the rolling of ${nameOf(rolling)} is ${rolling.batch}`, BATCH))
    const all = directory.resolve(rolling.hosts)
    if ('problem' in all) diagnostics.push(mistake(rolling.origin, `the rolling of ${nameOf(rolling)}: ${all.problem}`, all.hint))
    const names = new Set(rolling.plays.map(play => play.name))
    for (const play of rolling.plays) {
      const own = directory.resolve(play.hosts)
      const other = 'hosts' in all && 'hosts' in own ? own.hosts.find(host => !all.hosts.includes(host)) : undefined
      if (other !== undefined) say(play, `is for ${other}, which is none of its rolling's hosts`, 'give both the same `hosts`')
      if (play.serial !== undefined) say(play, 'is serial, and in a rolling', 'the rolling\'s `batch` says how many hosts at a time')
      if (play.independent) say(play, 'is independent, and in a rolling', 'the plays of a rolling are one queue on each host')
      const within = Object.values(play.bindings).find(ref => ref.type === 'ref' && names.has(ref.play.name))
      if (within?.type === 'ref') say(play, `takes an output of ${within.play.name}, which is in the same rolling`, 'a host would wait for those whose turn comes later: hand it on by a fact, or by a play before the rolling')
      const barrier = play.after.find(before => names.has(before.play.name))
      if (barrier) say(play, `is after ${barrier.play.name}, which is in the same rolling`, 'on each host it is anyway; on all it would wait for those whose turn comes later')
    }
  }
}

const BATCH = 'it is a whole number of hosts, at least 1, or a share from \'1%\' to \'100%\''

function isBatch(batch: Batch): boolean {
  const number = Number.parseFloat(String(batch))
  return typeof batch === 'number' ? Number.isInteger(batch) && batch >= 1 : /^\d+(\.\d+)?%$/.test(batch) && number > 0 && number <= 100
}

function hostOf(play: Play, id: string): string {
  return id.slice(play.name.length + 1)
}

function nameOf(rolling: Rolling): string {
  return rolling.plays.map(play => play.name).join(', ')
}
