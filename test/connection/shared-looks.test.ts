import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FramedShell } from '../../engine/connection/framed-shell.ts'
import type { Section } from '../../engine/model/session.ts'
import { announceSkip, shells } from './machine.ts'
import { calm, results, shellHere } from './open.ts'

/** Answers words with an exclamation mark, and keeps a record of what it was asked for. */
const helpers = `
look() {
  echo "$*" >>"$ASKED"
  n=0
  for word do eval "answer_$n=\\$word!"; n=$((n + 1)); done
}
mine() { answer=; [ -z "\${look_at-}" ] || eval "answer=\\$answer_$look_at"; echo "\${answer:-alone}"; }
`
const section = (word: string, more: Partial<Section> = {}): Section => ({ script: 'mine', helpers, shares: [{ by: 'look', word }], ...more })
const said = (all: ReturnType<typeof results>): readonly string[] => all.map(({ stdout }) => stdout.trim())

for (const { name, installed } of shells) if (!installed) announceSkip(`looks that are shared in ${name}`, 'it is not installed')

describe.each(shells.filter(({ installed }) => installed))('in $name', ({ command }) => {
  let folder: string
  let shell: FramedShell
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ts-play-looks-'))
    shell = await shellHere({ interpreter: command, environment: { ASKED: join(folder, 'asked') } })
  })
  afterEach(async () => {
    await shell.close()
    rmSync(folder, { recursive: true })
  })
  const asked = (): readonly string[] => readFileSync(join(folder, 'asked'), { encoding: 'utf8', flag: 'a+' }).split('\n').filter(Boolean)

  test('a query asks once for the words of all its sections, each of which finds its own', async () => {
    const found = results(await shell.query([{ script: 'echo other' }, section('a b'), section("it's"), { script: 'echo "${look_at-none}"' }, section('a b')], calm))
    expect(said(found)).toEqual(['other', 'a b!', "it's!", 'none', 'a b!'])
    expect(asked()).toEqual(["a b it's"])
  })

  test('one section alone looks by itself, and so does everyone in a frame of changes', async () => {
    expect(said(results(await shell.query([section('a'), { script: 'echo other' }], calm)))).toEqual(['alone', 'other'])
    expect(said(results(await shell.apply({ sections: [section('a'), section('b')], deadline: 5000 }, calm)))).toEqual(['alone', 'alone'])
    expect(asked()).toEqual([])
  })

  test('nothing is taken from an earlier frame', async () => {
    const words = ['a', 'b', 'c']
    expect(said(results(await shell.query(words.map(word => section(word)), calm)))).toEqual(['a!', 'b!', 'c!'])
    expect(said(results(await shell.query([section('d'), { script: 'mine', helpers }], calm)))).toEqual(['alone', 'alone'])
    expect(said(results(await shell.query([section('e'), section('f'), { script: 'mine', helpers }], calm)))).toEqual(['e!', 'f!', 'alone'])
    expect(asked()).toEqual(['a b c', 'e f'])
  })

  test('a frame of looks shares them after the section that goes first, and not if that stops it', async () => {
    const gate = (status: number): Section => ({ script: `echo gate >>"$ASKED"; exit ${status}`, onFailure: 'stop' })
    const frame = (status: number) => shell.apply({ sections: [gate(status), section('a'), section('b')], deadline: 5000, killable: true, looks: true }, calm)
    expect(said(results(await frame(0)))).toEqual(['', 'a!', 'b!'])
    expect(asked()).toEqual(['gate', 'a b'])
    expect(results(await frame(4)).map(({ status }) => status)).toEqual([4, undefined, undefined])
    expect(asked()).toEqual(['gate', 'a b', 'gate'])
  })

  test('after a section that killed its shell the rest have their answers all the same', async () => {
    const found = results(await shell.query([section('a'), section('b', { script: 'kill -9 $$; sleep 5' }), section('c')], calm))
    expect(found.map(({ status, stdout }) => [status, stdout.trim()])).toEqual([[0, 'a!'], [137, ''], [0, 'c!']])
    expect(asked()).toEqual(['a b c', 'a b c'])
  })

  test('what its function says from what was seen is the section\'s answer, and its script does not run', async () => {
    const telling = `${helpers}\nsays() { eval "answer=\\$answer_$1"; [ "$answer" != "$3" ] || return 1; printf '%s|%s' "$answer" "$2"; }\n`
    const told = (word: string, more: Partial<Section> = {}): Section => ({ script: 'echo ran >>"$ASKED"; mine', helpers: telling, shares: [{ by: 'look', word, says: { by: 'says', words: ["it's", 'b!'] } }], ...more })
    const found = results(await shell.query([told('a'), told('b'), told('c', { stdin: 'x' }), told('d', { shares: [...told('d').shares ?? [], { by: 'look', word: 'e' }] }), { script: 'echo "${look_at-none}"' }, told('f')], calm))
    expect(found.map(({ status, stdout }) => [status, stdout])).toEqual([[0, "a!|it's"], [0, 'b!\n'], [0, 'c!\n'], [0, 'e!\n'], [0, 'none\n'], [0, "f!|it's"]])
    expect(asked()).toEqual(['a b c d e f', 'ran', 'ran', 'ran'])
    expect(said(results(await shell.query([told('alone')], calm))), 'alone').toEqual(['alone'])
    const killed = results(await shell.query([told('a'), section('b', { helpers: telling, script: 'kill -9 $$; sleep 5' }), told('c')], calm))
    expect(killed.map(({ status, stdout }) => [status, stdout])).toEqual([[0, "a!|it's"], [137, ''], [0, "c!|it's"]])
    const broken = { helpers: 'look() { if' }
    expect(results(await shell.query([told('a', broken), told('b', broken), told('c'), told('d')], calm)).map(({ status }) => status)).toEqual([2, 2, 0, 0])
  })

  test('between changes, what its function says by itself is the section\'s answer, and nothing else moves', async () => {
    const telling = `${helpers}\nalone() { echo "$*" >>"$ASKED"; cd /; [ "$1" != "$3" ] || return 1; (printf '%s|%s' "$1" "$2"); cd "$OLDPWD"; }\n`
    const told = (word: string, more: Partial<Section> = {}): Section => ({ script: 'echo ran >>"$ASKED"; pwd', helpers: telling, shares: [{ by: 'look', word, says: { by: 'unheard', words: ["it's", 'b'], alone: 'alone' } }], ...more })
    const change: Section = { script: 'echo change >>"$ASKED"; pwd', onFailure: 'stop' }
    const found = results(await shell.apply({ sections: [told('a'), change, told('b'), told('c', { stdin: 'x' }), change, told('d', { expects: ["d|it's"] }), change, told('e', { expects: ['another'] }), change], deadline: 5000 }, calm))
    expect(found.map(({ status, stdout, stderr }) => [status, stdout, stderr])).toEqual([[0, "a|it's", ''], [0, '/\n', ''], [0, '/\n', ''], [0, '/\n', ''], [0, '/\n', ''], [0, "d|it's", ''], [0, '/\n', ''], [0, "e|it's", ''], [undefined, '', '']])
    expect(asked()).toEqual(["a it's b", 'change', "b it's b", 'ran', 'ran', 'change', "d it's b", 'change', "e it's b"])
  })

  test('words beyond what arguments hold are left to their sections', async () => {
    const words = ['a', 'long '.repeat(60_000), 'b']
    expect(said(results(await shell.query(words.map(word => section(word)), calm)))).toEqual(['a!', 'alone', 'b!'])
    expect(asked()).toEqual(['a b'])
  })
})
