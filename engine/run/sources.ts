import type { SourceFile } from '../model/session.ts'
import type { Task } from '../model/task.ts'
import type { RunContext } from './context.ts'

/** Thrown inside an assessment when a controller file that a task names cannot be read. */
export class SourceMissing extends Error {
  override readonly name = 'SourceMissing'
}

/** Bytes of content that a run keeps; files beyond that are read again when they are sent. */
const MOST_KEPT = 16 * 1024 * 1024

/** Controller files: read and hashed once a run, however many hosts and tasks name them. */
export class Sources {
  readonly #read: RunContext['readSource']
  #kept = 0
  readonly #files = new Map<string, Promise<SourceFile | SourceMissing>>()

  constructor(context: Pick<RunContext, 'readSource'>) {
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
    const reading = this.#read(path).then(file => this.#bounded(file), (error: unknown) => new SourceMissing(error instanceof Error ? error.message : String(error)))
    this.#files.set(path, reading)
    return reading
  }

  #bounded(file: SourceFile): SourceFile {
    if (file.content === undefined) return file
    if (this.#kept + file.size > MOST_KEPT) return { ...file, content: undefined }
    this.#kept += file.size
    return file
  }
}
