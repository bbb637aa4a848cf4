/** What goes wrong: with a host (`h1`), one of its tasks (`h1 b`) or a task wherever it runs (`b`). */
export type Trouble = Readonly<Record<string, 'down' | 'fails' | 'fails once' | 'breaks' | 'hangs' | 'slow'>>

export interface Do {
  readonly do: string
  readonly notify?: readonly string[]
  readonly tags?: readonly string[]
  readonly when?: false
  readonly ignore?: true
  readonly retries?: number
  /** Done each time, as a command without a guard is. */
  readonly runs?: true
  /** Another host that it is executed on. */
  readonly on?: string
}
export interface HandlerOf extends Do {
  /** Topics that it runs for. */
  readonly listen?: readonly string[]
}
/** `a`: brings cell `a` about; `a → x y`: and notifies x and y, handlers or topics; `flush`: runs the handlers that are due. */
export type Step =
  | string
  | Do
  /** Holds where no trouble says that it fails. */
  | { readonly assert: string }
  | { readonly block: readonly Step[]; readonly rescue?: readonly Step[]; readonly always?: readonly Step[]; readonly tags?: readonly string[] }
  /** Another role at this place. */
  | { readonly include: string; readonly steps: readonly Step[]; readonly handlers?: readonly (string | HandlerOf)[] }

/** One play, in words that both engines have. */
export interface PlayOf {
  /** Default `p`. */
  readonly name?: string
  /** Default: all. */
  readonly hosts?: readonly string[]
  readonly steps: readonly Step[]
  /** In definition order. A handler is done each time it runs. */
  readonly handlers?: readonly (string | HandlerOf)[]
  readonly tags?: readonly string[]
  readonly serial?: number | `${number}%`
  readonly maxFailPercentage?: number
  readonly anyErrorsFatal?: true
  /** Another host that all of it is executed on. */
  readonly on?: string
  /** How Ansible says it, where the words are not the same. */
  readonly ansible?: Readonly<Record<string, unknown>>
}

/** A playbook, what goes wrong in it, and the lines it is run with. */
export interface Scenario {
  /** How many: h1, h2, … Default 1. */
  readonly hosts?: number
  readonly plays: readonly PlayOf[]
  /** The plays are a rolling. Ansible has one serial play with the tasks of all of them. */
  readonly rolling?: { readonly batch: number | `${number}%`; readonly maxFailures?: number }
  readonly trouble?: Trouble
  /** Cells that are as wanted before: `h1 a`. */
  readonly done?: readonly string[]
  readonly mode?: 'check'
  readonly tags?: readonly string[]
  readonly skipTags?: readonly string[]
  /** The same once more, with this trouble. */
  readonly again?: Trouble
  /** `across`: one line in the order of the whole run. Default: a line for each host, for hosts do not wait for each other. */
  readonly order?: 'across'
}

/** What happened, in the order it happened: `a changed`, `handler x changed`, `b failed, ignored`; and how the run ended. */
export interface Told {
  readonly lines: readonly { readonly host: string; readonly text: string }[]
  /** `done`, `failed`, `unreachable`; in check mode also `would change`, `unknown`. */
  readonly end: string
}

/** As tables have it: each host's line (or one for all), then the end; once for each run. */
export function shown(runs: readonly Told[], order: Scenario['order']): readonly string[] {
  return runs.flatMap(({ lines, end }) => {
    if (order === 'across') return [lines.map(({ host, text }) => `${host} ${text}`).join(', '), end]
    const hosts = [...new Set(lines.map(({ host }) => host))].toSorted()
    return [...hosts.map(name => `${name}: ${lines.filter(({ host }) => host === name).map(({ text }) => text).join(', ')}`), end]
  })
}

export function hostsOf({ hosts = 1 }: Pick<Scenario, 'hosts'>): readonly string[] {
  return Array.from({ length: hosts }, (_, index) => `h${index + 1}`)
}

/** A step that is one task. */
export function taskOf<T extends Do>(step: string | T): T | Do {
  if (typeof step !== 'string') return step
  const [name = '', notify] = step.split(' → ')
  return { do: name, ...(notify === undefined ? {} : { notify: notify.split(' ') }) }
}
