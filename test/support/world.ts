import type { Changer, ConnectFailure, Frame, FrameReply, Section, SectionResult, Session } from '../../engine/model/session.ts'
import type { Expectation } from '../../engine/model/expectation.ts'
import { modifies, resource, sh, value, type TaskOptions } from '../../engine/index.ts'

type Given = Partial<SectionResult> | 'hangs' | undefined

const LOCK = /^tsp_lock (\S+) '([^']*)' \d+ (\S+)$/

/**
 * Hosts that are maps of cells, for interleavings and failures that real hosts cannot produce on demand.
 * A cell is read by `get NAME` and written by `set NAME VALUE`; everything a run does to them is in `log`.
 */
export class World {
  readonly cells = new Map<string, Map<string, string>>()
  readonly log: string[] = []
  readonly down = new Map<string, ConnectFailure>()
  /** Called before a section runs; may wait, throw (the connection is lost), hang (until the deadline) or give a result of its own. */
  before: (host: string, script: string) => Promise<Given> | Given = () => undefined
  frames = 0
  /** Who holds the lock of a host. Close gives it back, as the end of a shell does; a test sets and deletes it for other controllers. */
  readonly locks = new Map<string, string>()

  host(name: string): Map<string, string> {
    const cells = this.cells.get(name) ?? new Map<string, string>()
    this.cells.set(name, cells)
    return cells
  }

  connect = async (host: string): Promise<Session | ConnectFailure> => {
    const failure = this.down.get(host)
    if (failure) return failure
    let mine: string | undefined
    const apply = async ({ sections }: Frame, user: string | undefined): Promise<FrameReply> => {
      const reply = await this.#run(host, sections, 'apply', user)
      mine ??= sections.map(section => LOCK.exec(section.script)?.[2]).find(who => who !== undefined && who === this.locks.get(host))
      return reply
    }
    const shell = (user: string | undefined): Changer => ({ query: sections => this.#run(host, sections, 'query', user), apply: frame => apply(frame, user) })
    // A lock is as good as the shell that took it.
    return { host, shell: async user => shell(user), close: async () => void (mine !== undefined && this.locks.get(host) === mine && this.locks.delete(host)) }
  }

  async #run(host: string, sections: readonly Section[], how: 'query' | 'apply', user: string | undefined): Promise<FrameReply> {
    this.frames++
    const results: SectionResult[] = []
    let stopped = false
    for (const section of sections) {
      if (stopped) {
        results.push({ status: undefined, stdout: '', stderr: '' })
        continue
      }
      try {
        const given = await this.before(host, section.script)
        if (given === 'hangs') return { type: 'timed-out', results }
        const result = { status: 0, stdout: '', stderr: '', ...(given ?? this.#evaluate(host, section.script, how, user)) }
        results.push(result)
        stopped = result.status !== 0 ? section.onFailure === 'stop' || section.expects !== undefined : section.expects !== undefined && !meets(result.stdout, section.expects)
      } catch (error) {
        return { type: 'lost', message: String(error) }
      }
    }
    return { type: 'replied', results }
  }

  #evaluate(host: string, given: string, how: 'query' | 'apply', user: string | undefined): Partial<SectionResult> {
    const script = given.replace(/^(export .*\n)+/, '')
    const cells = this.host(host)
    // Each user has a state folder of its own.
    const place = `${user === undefined ? '' : `${user}:`}pending/`
    const pending = [...cells.keys()].filter(key => key.startsWith(place)).map(key => key.slice(place.length))
    if (script.startsWith('ls -1')) return { stdout: pending.join('\n') }
    const lock = LOCK.exec(script)
    if (lock?.[2] !== undefined) {
      const holder = this.locks.get(host)
      if (how === 'query') throw new Error('a query tried to take a lock')
      if (user === 'nobody') return { status: 1, stderr: 'no folder for it' }
      if (holder !== undefined && holder !== lock[2] && lock[3] === 'no') return { status: 75, stdout: `${holder}\n` }
      this.locks.set(host, lock[2])
      return { stdout: holder !== undefined && holder !== lock[2] ? `${holder}\n` : '' }
    }
    const marks = /^for mark in (.+?); do /m.exec(script)
    if (marks?.[1]) return marks[1].split(' ').forEach(mark => cells.set(`${place}${mark.replace('"$TSP_STATE/pending"/', '')}`, '')), {}
    const unmark = /^rm -f "\$TSP_STATE\/pending"\/(\S+)$/.exec(script)
    if (unmark?.[1]) return cells.delete(`${place}${unmark[1]}`), {}
    const [verb, name = '', content = ''] = script.split(' ')
    if (verb === 'get') return { stdout: cells.get(name) ?? '' }
    if (verb !== 'set') return { status: 127, stderr: `${script}: not found` }
    if (how === 'query') throw new Error(`a query tried to change ${host}: ${script}`)
    this.log.push(`${host} ${name}=${content}`)
    cells.set(name, content)
    return {}
  }
}

/** What a host's `case` does with it. */
export function meets(text: string, expectation: Expectation): boolean {
  const [first = '', ...rest] = expectation
  const last = rest.pop()
  if (last === undefined) return text === first
  if (!text.startsWith(first)) return false
  let at = first.length
  for (const piece of rest) {
    const found = text.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return text.length - last.length >= at && text.endsWith(last)
}

/** The resource of this world: a cell holds a value. */
export const cell = resource<{ name: string; is: string }, string>({
  kind: 'cell',
  id: spec => spec.name,
  probe: spec => sh`get ${spec.name}`,
  parse: output => output.stdout,
  plan: ({ spec, state }) => (state === spec.is ? [] : [modifies('value', value(state), value(spec.is))]),
  effects: ({ name }) => [{ type: 'path', path: `/${name}`, part: 'name' }],
  // A cell is what its task says, and no other task's.
  turnedBy: () => false,
  apply: ({ spec }) => sh`set ${spec.name} ${spec.is}`,
})

/** An action of this world: always runs. */
export const action = resource<{ name: string }, undefined>({
  kind: 'action',
  id: spec => spec.name,
  probe: () => sh`get nothing`,
  parse: () => undefined,
  plan: ({ spec }) => [{ effect: 'runs', attribute: spec.name }],
  apply: ({ spec }) => sh`set ${spec.name} ran`,
})

export type { TaskOptions }
