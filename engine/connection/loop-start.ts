import type { ConnectFailure } from '../model/session.ts'
import type { Capabilities } from './frame-codec.ts'

/** What a loop that has not spoken yet may come to. */
export interface Beginning {
  /** Milliseconds. */
  readonly within: number
  /** What is wrong with a loop that began; `undefined` when nothing is. */
  readonly judge: (capabilities: Capabilities) => ConnectFailure | undefined
  /** What to say of one that did not. */
  readonly refusal: (why: string) => ConnectFailure
}

/** Whether a host's loop runs: it says so itself, some time after its text was sent. */
export class LoopStart {
  /** Settles when the loop has begun, or with why there is none. */
  readonly begun: Promise<ConnectFailure | undefined>
  readonly #beginning: Beginning | undefined
  readonly #settle: (refused: ConnectFailure | undefined) => void
  #capabilities: Capabilities | undefined
  #refused: ConnectFailure | undefined

  /**
   * @param beginning how the loop has begun, or how that is waited for
   * @param late is called when it has said nothing in time
   */
  constructor(beginning: Capabilities | Beginning, late: (failure: ConnectFailure) => void) {
    const { promise, resolve } = Promise.withResolvers<ConnectFailure | undefined>()
    this.begun = promise
    this.#settle = resolve
    if ('judge' in beginning) {
      this.#beginning = beginning
      const timer = setTimeout(() => late(beginning.refusal(`nothing for ${beginning.within / 1000} s`)), beginning.within)
      void promise.then(() => clearTimeout(timer))
    } else {
      this.#capabilities = beginning
      resolve(undefined)
    }
  }

  /** What the loop can do; `undefined` before it has begun. */
  get capabilities(): Capabilities | undefined {
    return this.#capabilities
  }

  /** Why there is no loop; `undefined` where there is one, or may be yet. */
  get refused(): ConnectFailure | undefined {
    return this.#refused
  }

  /** The loop has spoken; gives what is wrong with it. */
  ready(capabilities: Capabilities): ConnectFailure | undefined {
    const wrong = this.#capabilities ? undefined : this.#beginning?.judge(capabilities)
    if (wrong) return wrong
    this.#capabilities ??= capabilities
    this.#settle(undefined)
    return undefined
  }

  /** What to say of an end before the beginning; `undefined` where the loop had begun. */
  missed(why: string): ConnectFailure | undefined {
    return this.#capabilities ? undefined : this.#beginning?.refusal(why)
  }

  /** There is no loop. What was said first stays. */
  refuse(failure: ConnectFailure): ConnectFailure {
    return (this.#refused ??= failure)
  }

  /** Nobody need wait any more. */
  end(): void {
    this.#settle(this.#refused)
  }
}
