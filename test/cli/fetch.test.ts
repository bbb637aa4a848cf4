import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { folderWith, LOCAL, type Folder } from './support.ts'

/** `look` tells what lies on c; `keep` brings it to the controller. `lie` is the sum that c says instead of the true one. */
const PLAYBOOK = `import { controller, fetch, groups, output, play, playbook, role, sh, z } from 'ts-play'
const { db } = groups('db')
const vars = { given: z.string(), kept: z.string(), lie: z.string().optional() }
const Offer = output('offer', seed => ({ size: 1, sha256: seed }))
const look = role('look', { vars, outputs: { offer: Offer }, produce: { offer: async ({ vars, on }) => {
  const [size = '', sum = ''] = (await on.query(sh\`wc -c <\${vars.given}; sha256sum <\${vars.given}\`)).split('\\n')
  return { size: Number(size), sha256: vars.lie ?? sum.slice(0, 64) }
} } })
const keep = role('keep', { vars, inputs: { offer: Offer }, tasks: ({ vars, inputs }) => [fetch({ from: { host: 'c', path: vars.given, ...inputs.offer }, path: vars.kept })] })
const seen = play(look, { hosts: db })
export default playbook('bring', [seen, play(keep, { hosts: controller, with: { offer: seen.outputs.offer.first } })])
`

describe('a file of a host comes to the controller', () => {
  let folder: Folder
  let given: string
  let kept: string
  /** Three pieces and a bit, so that pieces grow and the last one is short. */
  const bytes = randomBytes(7 * 1024 * 1024 + 4321)

  beforeEach(async () => {
    await folder?.[Symbol.asyncDispose]()
    folder = await folderWith({ 'bring.ts': PLAYBOOK, 'tmp/.keep': '' })
    given = join(folder.path, "it's $(given)")
    kept = join(folder.path, 'kept')
    writeFileSync(given, bytes)
  })
  afterAll(() => folder?.[Symbol.asyncDispose]())

  const run = async (words = '', vars: Readonly<Record<string, string>> = {}) => {
    await folder.write({ 'inventory.yaml': LOCAL.replace('{ ansible_connection: local }', JSON.stringify({ ansible_connection: 'local', given, kept, ...vars })) })
    return folder.run(`bring.ts -i inventory.yaml ${words}`.trim(), { environment: { TMPDIR: join(folder.path, 'tmp') } })
  }
  const leftovers = (): string[] => readdirSync(join(folder.path, 'tmp')).filter(name => name.startsWith('ts-play-fetch'))

  test('whole, for its owner only, and once', async () => {
    expect((await run('--check')).code).toBe(2)
    expect(existsSync(kept)).toBe(false)
    const first = await run()
    expect([first.code, first.stderr]).toEqual([0, ''])
    expect(readFileSync(kept).equals(bytes)).toBe(true)
    expect(statSync(kept).mode & 0o777).toBe(0o600)
    expect((await run()).stdout).toMatch(/nothing to do/)
    expect(leftovers()).toEqual([])
  })

  test('a file that is not what was promised is refused, and nothing of it stays', async () => {
    const lied = await run('', { lie: 'a'.repeat(64) })
    expect([lied.code, lied.stdout]).toEqual([1, expect.stringMatching(/could not be fetched: it changed since it was looked at/)])
    expect([existsSync(kept), leftovers()]).toEqual([false, []])
  })

  test('an empty file is a file', async () => {
    truncateSync(given)
    expect((await run()).code).toBe(0)
    expect(readFileSync(kept).length).toBe(0)
  })

  test.each([['no sum', /sha256 must have 64 hexadecimal digits/], [`${'a'.repeat(63)}/`, /sha256 must have 64 hexadecimal digits/]])('a sum that is none is refused: %s', async (lie, why) => {
    const refused = await run('', { lie })
    expect(refused.code).not.toBe(0)
    expect(refused.stdout + refused.stderr).toMatch(why)
  })
})
