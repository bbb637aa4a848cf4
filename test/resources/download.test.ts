import { createHash } from 'node:crypto'
import { chmodSync, existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Task } from '../../engine/model/task.ts'
import { download } from '../../engine/resources/download.ts'
import { hostileNames } from './support/hostile-names.ts'
import { survivesBeingKilled } from './support/interruption.ts'
import { converge, obeysTheLaws, type Case } from './support/laws.ts'
import { localHost } from './support/local-host.ts'
import { scratch } from './support/scratch.ts'
import { anyShell, type Shell } from './support/shells.ts'

const body = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 7) % 251))
const sum = createHash('sha256').update(body).digest('hex')
let asked = 0
const server = createServer((request, response) => {
  asked++
  if (request.url === '/moved') response.writeHead(302, { location: '/file' }).end()
  else if (request.url?.startsWith('/file')) response.end(body)
  else if (request.url === '/cut') {
    response.writeHead(200, { 'content-length': String(body.length) })
    response.write(body.subarray(0, 1000), () => response.destroy())
  } else response.writeHead(404).end('no such thing')
})
await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
afterAll(() => { server.close() })
const bound = server.address()
const origin = `http://127.0.0.1:${typeof bound === 'object' && bound ? bound.port : 0}`

const path = (folder: string): string => join(folder, 'tool')
const wanted = (folder: string) => download({ url: `${origin}/file`, path: path(folder), sha256: sum })
const there = (content: Buffer | string = body, mode = 0o644) => (folder: string): void => {
  writeFileSync(path(folder), content)
  chmodSync(path(folder), mode)
}

obeysTheLaws('download', [
  { given: 'nothing', task: wanted, differs: ['content', 'mode'], afterwards: folder => expect(readFileSync(path(folder)).equals(body)).toBe(true) },
  { given: 'the file as wished', arrange: there(), task: folder => download({ url: `${origin}/file`, path: path(folder), sha256: sum.toUpperCase() }), differs: [] },
  { given: 'another version', arrange: there('old'), task: wanted, differs: ['content'] },
  { given: 'another mode', arrange: there(), task: folder => download({ url: `${origin}/file`, path: path(folder), sha256: sum, mode: 0o755 }), differs: ['mode'] },
  { given: 'a redirection', task: folder => download({ url: `${origin}/moved`, path: path(folder), sha256: sum }), differs: ['content', 'mode'] },
])

obeysTheLaws('download', hostileNames.flatMap(([what, name]): Case[] => [
  { given: `${what} in its path`, task: folder => download({ url: `${origin}/file`, path: join(folder, name), sha256: sum }), differs: ['content', 'mode'], afterwards: folder => expect(readdirSync(folder)).toContain(name) },
  // curl takes no blanks and line breaks in a URL; what is meant is written with per cent signs, and must not be a pattern to it either.
  { given: `${what} in its URL`, task: folder => download({ url: `${origin}/file${name.replaceAll(/\s/g, '%20').replaceAll('\u001B', '%1B')}`, path: path(folder), sha256: sum }), differs: ['content', 'mode'] },
]), [anyShell])

survivesBeingKilled('download', [
  { given: 'nothing', task: wanted, differs: [] },
  { given: 'another version', arrange: there('old'), task: wanted, differs: [] },
])

/** The same shell in a world where some of its tools are not installed. */
function lacking(shell: Shell, ...missing: string[]): Shell {
  const tools = scratch()
  for (const place of shell.path.split(':')) {
    for (const tool of existsSync(place) ? readdirSync(place) : []) {
      if (!missing.includes(tool) && !existsSync(join(tools, tool))) symlinkSync(join(place, tool), join(tools, tool))
    }
  }
  return { ...shell, path: tools }
}

async function stderrOf(shell: Shell, task: (folder: string) => Task): Promise<string> {
  const folder = scratch()
  there('old')(folder)
  const host = localHost({ shell, scratch: folder })
  const look = await host.look(task(folder))
  if (look.type === 'failed') return look.result.stderr
  const { status, stderr } = await host.apply(task(folder), look.apply())
  expect(status).not.toBe(0)
  expect(readFileSync(path(folder), 'utf8')).toBe('old')
  expect(readdirSync(folder).toSorted()).toEqual(['cwd', 'tool'])
  return stderr
}

describe('a download', () => {
  test('that is there is not asked for again', async () => {
    const folder = scratch()
    there()(folder)
    const before = asked
    expect(await converge(localHost({ shell: anyShell, scratch: folder }), wanted(folder))).toEqual([])
    expect(asked).toBe(before)
  })

  test('is got with wget where there is no curl', async () => {
    const folder = scratch()
    await converge(localHost({ shell: lacking(anyShell, 'curl'), scratch: folder }), wanted(folder))
    expect(readFileSync(path(folder)).equals(body)).toBe(true)
  })

  test('with another sum than was meant leaves the old file, and tells both', async () => {
    const other = 'a'.repeat(64)
    const task = (folder: string) => download({ url: `${origin}/file`, path: path(folder), sha256: other })
    expect(await stderrOf(anyShell, task)).toBe(`${origin}/file is not the file that was meant: expected sha256 ${other}, got ${sum}\n`)
  })

  test.each([['curl', anyShell, /curl: \(22\) .*404/], ['wget', lacking(anyShell, 'curl'), /wget ended with status 8: .*\/nothing was not got/]] as const)(
    'that the server has not leaves the old file (%s)', async (_, shell, message) => {
      expect(await stderrOf(shell, folder => download({ url: `${origin}/nothing`, path: path(folder), sha256: sum }))).toMatch(message)
    })

  test('that is cut off leaves the old file', async () => {
    expect(await stderrOf(anyShell, folder => download({ url: `${origin}/cut`, path: path(folder), sha256: sum }))).toMatch(/curl: \(18\)/)
  })

  test('on a host without curl and wget names the next step', async () => {
    expect(await stderrOf(lacking(anyShell, 'curl', 'wget'), wanted)).toMatch(/neither curl nor wget is there to get .*pkg\(\{ name: 'curl' \}\)/)
  })

  test.each([
    [{ url: 'ftp://x/y' }, 'url must begin with http:// or https://, got "ftp://x/y"'],
    [{ url: 'file:///etc/shadow' }, /url must begin with http/],
    [{ url: 'https://me:pass@x/y' }, 'url must not hold a user name or password'],
    [{ sha256: 'abc' }, 'sha256 must have 64 hexadecimal digits, got "abc"'],
  ])('of %j is refused before any connection', (wrong, message) => {
    expect(() => download({ url: 'https://x/y', path: '/x', sha256: sum, ...wrong })).toThrow(message)
  })
})
