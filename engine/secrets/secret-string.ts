import { z } from 'zod'
import { Secret } from '../model/secret.ts'

/**
 * A role's variable that is a secret: takes a Secret (from `!vault`, `!env`, `!file`) or text, and gives a Secret.
 * Text in an inventory is allowed with a warning. An empty one is refused: it is an environment variable that was not set.
 */
export function secretString(): z.ZodType<Secret<string>, string | Secret<string>> {
  return z.custom<string | Secret<string>>(isSecretText, { error: 'expected a secret that is not empty' }).transform(given => (given instanceof Secret ? given : new Secret(given)))
}

function isSecretText(value: unknown): boolean {
  const text: unknown = value instanceof Secret ? Secret.reveal<unknown>(value) : value
  return typeof text === 'string' && text !== ''
}
