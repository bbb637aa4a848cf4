import type { Changer, ConnectFailure, Session, SourceFile, UploadReply } from '../model/session.ts'
import type { Transport } from './channel.ts'
import { failure, isFailure } from './failure.ts'
import type { FramedShell } from './framed-shell.ts'
import { openStageZero, startShell } from './open-shell.ts'
import type { ConnectOptions, Target } from './target.ts'
import { upload, UPLOAD_SIZE, type UploadOptions } from './upload.ts'

/** sshd's MaxSessions is 10 by default, and a slot comes back later than its channel closes. */
const MAX_SHELLS = 6

/** A host with an authenticated transport: one framed shell per user, made when first asked for, made again after it was lost. */
export class OpenSession implements Session {
  readonly host: string
  readonly transport: string
  readonly because: string | undefined
  readonly #transport: Transport
  readonly #target: Target
  readonly #options: ConnectOptions
  readonly #shells = new Map<string, Promise<FramedShell | ConnectFailure>>()
  /** Files that wait on the host for the frame that reads them, and those under way. */
  readonly #uploaded = new Set<string>()
  readonly #uploading = new Map<string, Promise<UploadReply>>()

  /** @param chosen what the transport is called, and why it is that one */
  constructor(transport: Transport, target: Target, options: ConnectOptions, chosen: { readonly transport: string; readonly because?: string } = { transport: 'local' }) {
    this.host = target.name
    this.transport = chosen.transport
    this.because = chosen.because
    this.#transport = transport
    this.#target = target
    this.#options = options
  }

  async shell(user: string | undefined, early?: 'early'): Promise<Changer | ConnectFailure> {
    // Nothing to become where the login user already is that user.
    const other = user === this.#transport.user ? undefined : user
    const shell = await this.#shell(other)
    return isFailure(shell) || early ? shell : ((await shell.begun) ?? shell)
  }

  async #shell(other: string | undefined): Promise<FramedShell | ConnectFailure> {
    const key = other ?? ''
    const known = this.#shells.get(key)
    const made = known && (await known)
    if (made && !isFailure(made) && made.lost === undefined) return made
    // A failed become is not tried again: each try may count against an account.
    if (made && isFailure(made) && made.reason === 'become') return made
    if (this.#shells.get(key) === known) this.#shells.set(key, this.#open(other))
    return (await this.#shells.get(key)) ?? failure('unreachable', `${this.host} is closed`, 'Connect again.')
  }

  upload(user: string | undefined, file: SourceFile, options: UploadOptions): Promise<UploadReply> {
    if (file.size < UPLOAD_SIZE || this.transport === 'local') return Promise.resolve({ type: 'there', kept: 0 })
    const other = user === this.#transport.user ? undefined : user
    const key = nameOf(other, file)
    const under = this.#uploading.get(key)
    if (under) return under
    const sending = this.#send(other, file, options).finally(() => this.#uploading.delete(key))
    this.#uploading.set(key, sending)
    return sending
  }

  async close(): Promise<void> {
    const shells = await Promise.all(this.#shells.values())
    this.#shells.clear()
    await Promise.all(shells.flatMap(shell => (isFailure(shell) ? [] : [shell.close()])))
    await this.#transport.close()
  }

  async #open(user: string | undefined): Promise<FramedShell | ConnectFailure> {
    if (this.#shells.size >= MAX_SHELLS && !this.#shells.has(user ?? '')) {
      return failure('become', `${MAX_SHELLS} shells are open on ${this.host} already (${[...this.#shells.keys()].map(key => key || this.#transport.user).join(', ')})`, 'Use fewer different become users in one run.')
    }
    return startShell(this.#transport, { target: this.#target, user, options: this.#options, claim: file => this.#uploaded.delete(nameOf(user, file)) })
  }

  async #send(user: string | undefined, file: SourceFile, options: UploadOptions): Promise<UploadReply> {
    const opened = await openStageZero(this.#transport, { target: this.#target, user, options: this.#options })
    if (isFailure(opened)) return { type: opened.reason === 'become' || opened.reason === 'no-such-user' ? 'refused' : 'lost', message: opened.message }
    const reply = await upload(opened.channel, file, options)
    if (reply.type === 'there') this.#uploaded.add(nameOf(user, file))
    return reply
  }
}

function nameOf(user: string | undefined, { sha256 }: SourceFile): string {
  return `${user ?? ''} ${sha256}`
}
