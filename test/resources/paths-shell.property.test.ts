import { chmodSync, chownSync, lchownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { secret } from '../../engine/model/secret.ts'
import type { Task } from '../../engine/model/task.ts'
import { copy } from '../../engine/resources/copy.ts'
import { directory } from '../../engine/resources/directory.ts'
import { file } from '../../engine/resources/file.ts'
import { symlink } from '../../engine/resources/symlink.ts'
import { probeSection } from '../../engine/run/scope.ts'
import { shells } from '../connection/machine.ts'
import { calm, results, shellHere } from '../connection/open.ts'
import { root } from './support/scratch.ts'

/** Names at two levels, few enough that things meet. */
const NAMES = ['a', 'b', 'c', "it's odd"] as const
const CONTENTS = ['', 'text\n', 'other\n', 'x'.repeat(70_000)] as const
const MODES = [0o755, 0o775, 0o700, 0o1777, 0o644, 0o600] as const
/** root and two others; tests without root leave owners alone. */
const OWNERS = [0, 65_534, 1] as const

type Thing =
  | { readonly type: 'file'; readonly content: string }
  | { readonly type: 'link'; readonly to: string }
  | { readonly type: 'folder' }
interface Made {
  readonly name: string
  readonly thing: Thing
  readonly mode: number
  readonly owner: number
}

const thing: fc.Arbitrary<Thing> = fc.oneof(
  fc.record({ type: fc.constant('file' as const), content: fc.constantFrom(...CONTENTS) }),
  fc.record({ type: fc.constant('link' as const), to: fc.constantFrom('a', '../b', '/etc', 'a*', 'two words', 'ünsinn', 'x\ny') }),
  fc.constant({ type: 'folder' as const }),
)
const made = (names: readonly string[]): fc.Arbitrary<Made> => fc.record({ name: fc.constantFrom(...names), thing, mode: fc.constantFrom(...MODES), owner: fc.constantFrom(...OWNERS) })
const level = fc.uniqueArray(made(NAMES), { selector: ({ name }) => name, maxLength: 4 })
const tree = fc.record({ top: level, below: fc.dictionary(fc.constantFrom(...NAMES), level) })

function make(folder: string, things: readonly Made[]): void {
  for (const { name, thing: what, mode, owner } of things) {
    const path = join(folder, name)
    if (what.type === 'file') writeFileSync(path, what.content)
    else if (what.type === 'folder') mkdirSync(path)
    else symlinkSync(what.to, path)
    if (root) lchownSync(path, owner, owner)
    if (what.type !== 'link') chmodSync(path, mode)
  }
}

/** Every kind of look at a path. */
const wanted: readonly ((path: string, source: string) => Task)[] = [
  path => file({ path, content: 'text\n' }),
  path => file({ path, content: '' }),
  path => file({ path, content: secret`${'text\n'}` }),
  path => file({ path, state: 'absent' }),
  (path, source) => copy({ source, path }),
  path => directory({ path }),
  path => directory({ path, state: 'absent' }),
  path => symlink({ path, target: 'a' }),
]
const looked = fc.record({ make: fc.constantFrom(...wanted), names: fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 2 }) })

describe.each(shells.filter(({ installed }) => installed))('in $name', ({ command }) => {
  test('many looks at once say what each says alone, whatever is there and whoever can exchange it', async () => {
    // Below directories that others write, such as /tmp, nothing is shared.
    const folder = mkdtempSync(join(root ? '/run' : homedir(), 'ts-play-paths-'))
    const source = join(folder, 'source')
    writeFileSync(source, 'text\n')
    await using shell = await shellHere({ interpreter: command })
    let runs = 0
    try {
      await fc.assert(fc.asyncProperty(tree, fc.array(looked, { minLength: 2, maxLength: 12 }), async ({ top, below }, looks) => {
        const place = join(folder, String(runs++))
        mkdirSync(place, { mode: 0o755 })
        make(place, top)
        for (const { name, thing: what } of top) if (what.type === 'folder') make(join(place, name), below[name] ?? [])
        if (root) for (const { name, thing: what, owner } of top) if (what.type === 'folder') chownSync(join(place, name), owner, owner)
        const sections = looks.map(({ make: of, names }) => probeSection(of(join(place, ...names), source)))
        const together = results(await shell.query(sections, calm))
        // Between changes each looks for itself, in the shell of the frame.
        const among = results(await shell.apply({ sections, deadline: 60_000 }, calm))
        const alone = []
        for (const section of sections) alone.push(...results(await shell.query([section], calm)))
        expect(together).toEqual(alone)
        expect(among).toEqual(alone)
      }), { numRuns: 30 })
    } finally {
      rmSync(folder, { recursive: true })
    }
  }, 60_000)
})
