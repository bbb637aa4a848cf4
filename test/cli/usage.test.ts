import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkout, folderWith, LOCAL, SITE, type Folder } from './support.ts'

let folder: Folder
beforeAll(async () => {
  folder = await folderWith({ 'site.ts': SITE, 'inventory.yaml': LOCAL })
})
afterAll(() => folder?.[Symbol.asyncDispose]())

const MORE = '  ts-play --help shows all options\n'

describe('a command line', () => {
  test.each([
    ['', `error: missing required argument 'playbook'\n${MORE}`],
    ['-i inventory.yaml', `error: missing required argument 'playbook'\n${MORE}`],
    ['site.ts', `error: no inventory was given: -i inventory/prod.yaml\n${MORE}`],
    ['site.ts -i', `error: option '-i, --inventory <file>' argument missing\n${MORE}`],
    ['site.ts -i inventory.yaml --limt web', `error: unknown option '--limt'\n(Did you mean --limit?)\n${MORE}`],
    ['site.ts more.ts -i inventory.yaml', `error: too many arguments. Expected 1 argument but got 2: site.ts, more.ts.\n${MORE}`],
    ['site.ts -i inventory.yaml --forks 0', `error: option '-f, --forks <number>' argument '0' is invalid. expected a whole number of at least 1\n${MORE}`],
    ['site.ts -i inventory.yaml --seed abc', `error: option '--seed <number>' argument 'abc' is invalid. expected a whole number\n${MORE}`],
    ['site.ts -i inventory.yaml -o table', `error: option '-o, --output <view>' argument 'table' is invalid. Allowed choices are tree, plain, json.\n${MORE}`],
    ['site.ts -i inventory.yaml --list-hosts --graph', `error: one of --list-hosts, --list-tags, --list-tasks, --graph and --explain at a time\n${MORE}`],
    ['site.ts -i inventory.yaml --limit ', `error: --limit is empty: it names no host, and never means all of them\n${MORE}`],
    ['site.ts -i inventory.yaml --tags ,', `error: --tags is empty: it names no play and no task, and never means all of them\n${MORE}`],
    ['site.ts -i inventory.yaml --skip-tags ', `error: --skip-tags is empty: it leaves nothing out\n${MORE}`],
  ])('%j is refused with exit code 64 and the next step', async (words, said) => {
    expect(await folder.run(words === '' ? [] : words.split(' '))).toEqual({ code: 64, stdout: '', stderr: said })
  })

  test('--version tells the version of the package, -V too', async () => {
    const { version }: { version: string } = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8'))
    expect(await folder.run('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
    expect(await folder.run('-V')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  test('--help tells every option and the exit codes on stdout', async () => {
    const { code, stdout, stderr } = await folder.run('--help')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const option of ['--inventory', '--limit', '--tags', '--check', '--diff', '--become', '--ask-become-pass', '--vault-password-file', '--list-tasks', '--graph']) expect(stdout).toContain(option)
    expect(stdout).toContain('Exit codes: 0 done or nothing to do, 1 failed')
    expect(stdout).not.toContain('default: false')
  })
})

describe('what cannot be asked or written is told before anything is done', () => {
  test('a password that nobody can be asked for', async () => {
    expect(await folder.run('site.ts -i inventory.yaml -K')).toEqual({
      code: 64,
      stdout: '',
      stderr: 'error: no BECOME password was given: stdin is no terminal to ask on, and has no line for it\n  run it on a terminal, or give the password as a line of stdin\n',
    })
  })

  test('a record in a folder that does not exist', async () => {
    const { code, stdout, stderr } = await folder.run('site.ts -i inventory.yaml --record missing/events.jsonl')
    expect({ code, stdout }).toEqual({ code: 73, stdout: '' })
    expect(stderr).toMatch(/^error: --record missing\/events\.jsonl: ENOENT.*\n {2}name a file in a folder that exists and can be written to\n$/)
  })
})

describe('a run', () => {
  test('ends with 0 when all is done, and shows what was', async () => {
    const { code, stdout, stderr } = await folder.run('site.ts -i inventory.yaml')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('[a] motd : command greet: changed')
    expect(stdout).toMatch(/\n2 changed in .*\n$/)
  })
  test('in check mode ends with 3 where something cannot be known', async () => {
    expect((await folder.run('site.ts -i inventory.yaml --check')).code).toBe(3)
  })
  test('goes on when nobody reads what it says any more', async () => {
    expect(await folder.run('site.ts -i inventory.yaml', { deaf: true })).toMatchObject({ code: 0, stderr: '' })
  })
  test('does not wait for the end of a stdin that it does not need', async () => {
    const { code, stdout } = await folder.run('site.ts -i inventory.yaml -K', { stdin: 'a password\nand what is meant for somebody else\n', keepOpen: true })
    expect({ code, stdout }).toMatchObject({ code: 0 })
    expect(stdout).not.toContain('a password')
  })
})
