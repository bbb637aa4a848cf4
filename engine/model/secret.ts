const MASK = '***'
/** What Node's `util.inspect` and `console.log` call. By name, so that users of the types need none of Node's. */
const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom')

/**
 * A value that cannot become text by accident: printing, JSON and inspection show `***`.
 * Holes of `sh` refuse it by type; `content`, `stdin` and `environment` accept it and send it through a frame's stdin.
 */
export class Secret<T> {
  readonly #value: T
  /** The texts in it that must not be shown: of a file with one password, the password and not every line. */
  readonly #texts: readonly string[]

  /** @param texts default: every text inside the value */
  constructor(value: T, texts: readonly string[] = textsIn(value)) {
    this.#value = value
    this.#texts = texts
  }

  /** A secret made from this one. */
  map<U>(change: (value: T) => U): Secret<U> {
    const changed = change(this.#value)
    return new Secret(changed, [...this.#texts, ...textsIn(changed)])
  }

  /** What the redactor has to know. */
  static texts(secret: Secret<unknown>): readonly string[] {
    return secret.#texts
  }

  /** The value itself. Only what writes stdin frames or 0600 files may call this. */
  static reveal<T>(secret: Secret<T>): T {
    return secret.#value
  }

  toString(): string {
    return MASK
  }

  toJSON(): string {
    return MASK
  }

  [INSPECT](): string {
    return `Secret(${MASK})`
  }
}

/** Text with secrets in it is a secret: secret`token: ${ticket.token}`. Only the parts that were secret are redacted elsewhere. */
export function secret(parts: TemplateStringsArray, ...holes: readonly (string | number | Secret<string>)[]): Secret<string> {
  const plain = (hole: string | number | Secret<string> | undefined): string => (hole instanceof Secret ? Secret.reveal(hole) : String(hole))
  const text = parts.reduce((left, part, index) => left + (index === 0 ? '' : plain(holes[index - 1])) + part, '')
  const inside = holes.flatMap(hole => (hole instanceof Secret ? Secret.texts(hole) : []))
  // Without a secret hole the author means the text itself.
  return holes.some(hole => hole instanceof Secret) ? new Secret(text, inside) : new Secret(text)
}

/** Every secret text inside a value, found by walking it: what the redactor has to know before the value is used. */
export function secretsIn(value: unknown): string[] {
  if (value instanceof Secret) return [...Secret.texts(value)]
  if (value instanceof Map) return [...value.values()].flatMap(secretsIn)
  if (Array.isArray(value)) return value.flatMap(secretsIn)
  return isRecord(value) ? Object.values(value).flatMap(secretsIn) : []
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(textsIn)
  return isRecord(value) ? Object.values(value).flatMap(textsIn) : []
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array)
}
