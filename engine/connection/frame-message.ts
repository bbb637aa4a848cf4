import type { Frame, SourceFile } from '../model/session.ts'
import { header, trailer, type FrameMode } from './frame-codec.ts'
import { frameProgram, stdinFile } from './frame-program.ts'
import { payloadBlob, type Blob } from './payload.ts'

/** What a shell is asked to do: a frame, and how the host may treat it. */
export type Order = Pick<Frame, 'sections' | 'deadline' | 'looks'> & { readonly mode: FrameMode }

/** A frame as it goes over the wire. */
export interface FrameMessage {
  readonly head: string
  readonly blobs: readonly Blob[]
  readonly tail: string
  /** All of it together. */
  readonly bytes: number
  /** The helpers that the shell knows once it has this message, by text. */
  readonly helpers: ReadonlyMap<string, number>
}

/** What a shell has already. */
interface Shell {
  /** Helpers that were sent to it before. */
  readonly known: ReadonlyMap<string, number>
  /** Whether a file was uploaded for it; it is used up by that. */
  readonly claim?: ((file: SourceFile) => boolean) | undefined
}

/**
 * Puts a frame into words and bytes.
 *
 * @throws TypeError when a script holds a NUL byte
 */
export function composeFrame(id: number, { sections, deadline, mode, looks = mode === 'query' }: Order, { known, claim }: Shell): FrameMessage {
  const helpers = new Map(known)
  for (const { helpers: text } of sections) if (text !== undefined && !helpers.has(text)) helpers.set(text, helpers.size)
  const news = [...helpers].slice(known.size).map(([text, number]) => payloadBlob(text, () => `h.${number}`))
  const uploaded = sections.map(({ stdin }) => (typeof stdin === 'object' && 'type' in stdin && claim?.(stdin) === true ? stdin.sha256 : undefined))
  const inputs = sections.map(({ stdin }, section) => (stdin === undefined || uploaded[section] !== undefined ? undefined : filled(payloadBlob(stdin, size => stdinFile({ frame: id, section, size })))))
  const program = frameProgram(id, sections, { sizes: inputs.map(input => input?.size), uploaded, helpers, looks })
  const blobs = [...news, payloadBlob(program, () => `${id}.p`), ...inputs.filter(input => input !== undefined)]
  const head = header({ id, deadline, mode, sections: sections.length, blobs })
  const tail = trailer(id)
  return { head, blobs, tail, helpers, bytes: head.length + tail.length + blobs.reduce((sum, { size }) => sum + size, 0) }
}

/** Nothing on stdin is what /dev/null has, and no process has to bring it. */
function filled(blob: Blob): Blob | undefined {
  return blob.size === 0 ? undefined : blob
}
