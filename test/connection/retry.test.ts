import { expect, test } from 'vitest'
import { failure, isFailure } from '../../engine/connection/failure.ts'
import { retrying } from '../../engine/connection/retry.ts'

/** What is told when these were the reasons of the tries, in turn, and the last of them took all the time that was left. */
async function told(whys: readonly string[]): Promise<string> {
  let tries = 0
  const result = await retrying<never>({
    timeout: 600,
    async attempt(remaining) {
      const why = whys[tries++] ?? ''
      if (tries === whys.length) await new Promise(resolve => setTimeout(resolve, remaining))
      return { type: 'again', why }
    },
    giveUp: why => failure('unreachable', why, ''),
  })
  return isFailure(result) ? result.message : ''
}

test('a try that was cut short does not hide what those before it were told', async () => {
  expect(await told(['no tunnel', 'no answer'])).toMatch(/^no answer \(2 tries in \d s; before: no tunnel\)$/)
})

test('one reason is told once', async () => {
  expect(await told(['refused', 'refused'])).toMatch(/^refused \(2 tries in \d s\)$/)
  expect(await told(['no answer'])).toMatch(/^no answer \(1 try in \d s\)$/)
})
