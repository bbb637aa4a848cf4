import type { SourceFile } from '../model/session.ts'
import type { Task } from '../model/task.ts'
import type { RunContext } from './context.ts'

/** Thrown inside an assessment when a controller file that a task names cannot be read. */
export class SourceMissing extends Error {
  override readonly name = 'SourceMissing'
}

/** Controller files: read and hashed once a run, however many hosts and tasks name them. */
export class Sources {
  readonly #read: RunContext['readSource']
  readonly #files = new Map<string, Promise<SourceFile | SourceMissing>>()

  constructor(context: RunContext) {
    this.#read = context.readSource
  }

  /** Reads what the tasks name, and gives the look-up that their plans use. */
  async of(tasks: readonly Task[]): Promise<(path: string) => SourceFile> {
    const paths = [...new Set(tasks.flatMap(task => task.sources))]
    const found = new Map(await Promise.all(paths.map(async path => [path, await this.#file(path)] as const)))
    return path => {
      const file = found.get(path)
      if (file === undefined) throw new SourceMissing(`${path} was not named by the resource's \`sources\``)
      if (file instanceof SourceMissing) throw file
      return file
    }
  }

  #file(path: string): Promise<SourceFile | SourceMissing> {
    const known = this.#files.get(path)
    if (known) return known
    const reading = this.#read(path).catch((error: unknown) => new SourceMissing(error instanceof Error ? error.message : String(error)))
    this.#files.set(path, reading)
    return reading
  }
}
