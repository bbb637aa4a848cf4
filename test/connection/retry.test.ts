import { expect, test } from 'vitest'
import { failure, isFailure } from '../../engine/connection/failure.ts'
import { retrying } from '../../engine/connection/retry.ts'

/** What is told when these were the reasons of the tries, in turn; the last of them of all that follow. */
async function told(whys: readonly string[]): Promise<string> {
  let tries = 0
  const result = await retrying<never>({
    // The first pause is shorter, so there are two tries at least.
    timeout: 400,
    attempt: async () => ({ type: 'again', why: whys[Math.min(tries++, whys.length - 1)] ?? '' }),
    giveUp: why => failure('unreachable', why, ''),
  })
  return isFailure(result) ? result.message : ''
}

test('a last try that knows nothing does not hide what one before it was told', async () => {
  expect(await told(['no tunnel', 'no answer'])).toMatch(/^no answer \(\d tries in 1 s; before: no tunnel\)$/)
})

test('one reason is told once', async () => {
  expect(await told(['refused'])).toMatch(/^refused \(\d tries in 1 s\)$/)
})
