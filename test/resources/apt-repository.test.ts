import { describe, expect, test } from 'vitest'
import { aptRepository } from '../../engine/resources/apt-repository.ts'
import { sha256 } from '../../engine/resources/staged-file.ts'
import { applied, expectToParse, plan } from './support/golden.ts'

const armored = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQGN\n-----END PGP PUBLIC KEY BLOCK-----\n'
const uri = 'https://pkgs.k8s.io/core:/stable:/v1.34/deb/'
const kubernetes = aptRepository({ name: 'kubernetes', uri, suite: '/', key: { content: armored } })
const sources = `Types: deb\nURIs: ${uri}\nSuites: /\nSigned-By: /etc/apt/keyrings/kubernetes.asc\n`
const probed = (given: { mode?: string; key?: string; sources?: string }): string => `${given.mode ?? '644:0:0'}\n${sha256(given.key ?? armored)}  -\n644:0:0\n${given.sources ?? sources}`
const short = `sha256:${sha256(armored).slice(0, 16)}`

describe('a repository', () => {
  test.each([
    ['that is missing', 'absent\nabsent\nabsent\n', [`key: absent → ${short}`, 'key mode: absent → 644:0:0', `sources: absent → ${JSON.stringify(sources)}`, 'sources mode: absent → 644:0:0']],
    ['as wished', probed({}), []],
    ['with another key', probed({ key: 'old' }), [`key: sha256:${sha256('old').slice(0, 16)} → ${short}`]],
    ['whose key apt could not read', probed({ mode: '600:0:0' }), ['key mode: 600:0:0 → 644:0:0']],
    ['of the minor version before', probed({ sources: sources.replace('v1.34', 'v1.33') }), [`sources: ${JSON.stringify(sources.replace('v1.34', 'v1.33'))} → ${JSON.stringify(sources)}`]],
  ])('%s', (_, output, changes) => {
    expect(plan(kubernetes, output)).toEqual(changes)
    if (changes.length > 0) applied(kubernetes, output)
  })

  test('is tried alone before it gets its name', () => {
    const script = applied(kubernetes, 'absent\nabsent\nabsent\n')
    expect(script.indexOf('tsp_apt_update')).toBeLessThan(script.indexOf('mv -f'))
    expect(script).toContain('Dir::Etc::SourceList=/dev/null')
    expectToParse(kubernetes)
  })

  test('with suites, components and architectures', () => {
    const task = aptRepository({ name: 'docker', uri: 'https://download.docker.com/linux/debian', suite: 'bookworm', components: ['stable'], architectures: ['amd64'], key: { content: armored.trim() } })
    expect(plan(task, 'absent\nabsent\nabsent\n')[2]).toContain(String.raw`Suites: bookworm\nComponents: stable\nArchitectures: amd64\nSigned-By: /etc/apt/keyrings/docker.asc\n`)
    expect(plan(task, 'absent\nabsent\nabsent\n')[0]).toContain(short)
  })

  test('with a key file of the controller, armored or not by its name', () => {
    const of = (file: string) => aptRepository({ name: 'lab', uri: 'file:/srv', suite: './', key: { file } })
    const source = (path: string) => ({ type: 'source-file', path, size: 1, sha256: 'ab'.repeat(32) }) as const
    expect(of('/keys/lab.asc').sources).toEqual(['/keys/lab.asc'])
    expect(plan(of('/keys/lab.asc'), 'absent\nabsent\nabsent\n', source)[2]).toContain('/etc/apt/keyrings/lab.asc')
    expect(plan(of('/keys/lab.gpg'), 'absent\nabsent\nabsent\n', source)[2]).toContain('/etc/apt/keyrings/lab.gpg')
    expect(plan(of('/keys/lab.gpg'), 'absent\nabsent\nabsent\n', source)[0]).toBe('key: absent → sha256:abababababababab')
  })
})

test('what a .sources file cannot hold is refused', () => {
  const key = { content: armored }
  expect(() => aptRepository({ name: '../x', uri, suite: '/', key })).toThrow('no file name')
  expect(() => aptRepository({ name: 'x', uri: 'https://a\nSigned-By: b', suite: '/', key })).toThrow('no URI')
  expect(() => aptRepository({ name: 'x', uri: 'javascript', suite: '/', key })).toThrow('no URI')
  expect(() => aptRepository({ name: 'x', uri, suite: 'a b', components: ['main'], key })).toThrow('no suite')
  expect(() => aptRepository({ name: 'x', uri, suite: '/', components: ['main'], key })).toThrow('a flat repository')
  expect(() => aptRepository({ name: 'x', uri, suite: 'bookworm', key })).toThrow('a suite needs components')
  expect(() => aptRepository({ name: 'x', uri, suite: 'bookworm', components: ['main\nTrusted: yes'], key })).toThrow('single words')
})
