import type { Expectation } from './expectation.ts'
import type { Secret } from './secret.ts'

/** A file on the controller, read by the engine before a plan is made. */
export interface SourceFile {
  readonly type: 'source-file'
  /** Absolute path on the controller. */
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** Lower-case hex. */
  readonly sha256: string
  /** What was hashed, where that is little: it is sent as it is, whatever becomes of the file. Without it the file is read again, and refused by its reader if it changed. */
  readonly content?: Uint8Array | undefined
}

/** A file of a host, as it was when somebody looked at it. */
export interface HostFile {
  readonly type: 'host-file'
  readonly host: string
  /** Who reads it there; `undefined`: the login user. */
  readonly user: string | undefined
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** Lower-case hex. */
  readonly sha256: string
}

/** Bytes for a section's stdin. Text is sent as UTF-8; a source file without content is streamed with bounded memory. */
export type Payload = string | Uint8Array | Secret<string> | SourceFile

/**
 * A look that the sections of a query can share, because one program can take it for all of them: `stat` of many paths. Each section has to say the
 * same with and without it.
 */
export interface SharedLook {
  /** The shell function, of the section's helpers, that takes it. It gets the words of all sections, before the first of these runs; a section finds the number of its own in the variable of this name with `_at`. */
  readonly by: string
  readonly word: string
  /**
   * A shell function, of the section's helpers, that prints all that the section would from what was seen alone, and is true; or prints nothing and is false, and the section runs. It gets
   * the number of its word and these words. It spares the section a subshell, so it must not exit, start a process or change anything but variables.
   */
  readonly says?: {
    readonly by: string
    readonly words: readonly string[]
    /**
     * The same where nothing is shared, between changes: it gets the word itself and these words, and looks. It may start processes and be in another directory meanwhile, but not exit, and says
     * nothing on stderr.
     */
    readonly alone?: string
  }
}

/** One step of a frame: a piece of POSIX sh, run in a subshell of its own with its own stdin, stdout and stderr. */
export interface Section {
  readonly script: string
  /** Without it the section reads /dev/null. */
  readonly stdin?: Payload
  /** Shell functions the script calls; sent once per shell, not once per section. */
  readonly helpers?: string
  /** What it can share with sections that have the same, where no change may lie between: in queries, and frames of `looks`. */
  readonly shares?: readonly SharedLook[]
  /** `stop` (of changes): if this section exits non-zero, later sections of the frame do not run. `continue` (of probes) is the default. */
  readonly onFailure?: 'stop' | 'continue'
  /** What the section has to say on stdout, exiting 0: otherwise later sections of the frame do not run. Of changes only. */
  readonly expects?: Expectation
}

export interface SectionResult {
  /** Exit status; `undefined` when the section did not run because an earlier one stopped the frame. */
  readonly status: number | undefined
  readonly stdout: string
  readonly stderr: string
}

export interface Frame {
  readonly sections: readonly Section[]
  /** Milliseconds after which the host itself ends the frame's process group, controller or not. */
  readonly deadline: number
  /** True: may be killed at once when the controller is gone. False (default): may end within its deadline. */
  readonly killable?: boolean
  /** None of its sections changes what a later one looks at, so these may share their looks. Default false. */
  readonly looks?: boolean
}

/** What came of a frame. Only `replied` says anything about what the sections did. */
export type FrameReply =
  | { readonly type: 'replied'; readonly results: readonly SectionResult[] }
  | { readonly type: 'timed-out'; readonly results: readonly SectionResult[] }
  /** The connection broke: what the frame did is unknown and has to be probed again. */
  | { readonly type: 'lost'; readonly message: string }
  /** There is no shell, as was found out only now: nothing of the frame ran. */
  | { readonly type: 'refused'; readonly failure: ConnectFailure }

/** Read-only use of a host: all that a fact, a probe or a read output ever gets. */
export interface Prober {
  query(sections: readonly Section[], signal: AbortSignal): Promise<FrameReply>
}

/** Use of a host that may change it: not built in check mode. */
export interface Changer extends Prober {
  apply(frame: Frame, signal: AbortSignal): Promise<FrameReply>
}

/** Why no shell could be had; each is the host's failure, none the task's. */
export interface ConnectFailure {
  readonly type: 'connect-failure'
  readonly reason: 'unreachable' | 'host-key' | 'authentication' | 'become' | 'no-such-user'
  /** What was tried and what came back, in one sentence. */
  readonly message: string
  /** What the user can do about it. */
  readonly remedy: string
}

/** What came of bringing a file to a host ahead of the frame that reads it. */
export type UploadReply =
  /** @property kept bytes that were there from an earlier try */
  | { readonly type: 'there'; readonly kept: number }
  /** The host does not take it; the frame that brings it along will say why. */
  | { readonly type: 'refused'; readonly message: string }
  | { readonly type: 'lost'; readonly message: string }

/** A connected host. One framed shell per user, made when first asked for. */
export interface Session {
  readonly host: string
  /** What carries it (`ssh2`, `openssh`, `local`), and why that. */
  readonly transport?: string
  readonly because?: string | undefined
  /**
   * A shell as the login user (`undefined`) or as another user.
   *
   * @param early whether one is of use that is only about to begin: its first frame then goes along with it, and may be `refused`
   */
  shell(user: string | undefined, early?: 'early'): Promise<Changer | ConnectFailure>
  /**
   * Brings a large file to a user of the host on a channel of its own, so that the shell is free meanwhile; it goes on where an earlier connection broke.
   * The next frame of that user that has the file as a stdin finds it there. A small one is left to its frame.
   */
  upload?(user: string | undefined, file: SourceFile, options: { readonly signal: AbortSignal; readonly progress?: (bytes: number) => void }): Promise<UploadReply>
  close(): Promise<void>
}
