import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { imageTar, layer } from './image.ts'
import { tar } from './tar.ts'

const entries = [
  { type: 'folder', path: 'usr' },
  { type: 'file', path: 'usr/tool', content: Buffer.from('hello\n') },
  { type: 'link', path: 'tool', target: 'usr/tool' },
] as const

const list = (bytes: Buffer): string => execFileSync('tar', ['--list', '--verbose', '--numeric-owner', '--utc', '--full-time'], { input: bytes, encoding: 'utf8' })

describe('tar', () => {
  it('is read by tar as it was meant', () => {
    const rows = list(tar(entries)).trimEnd().split('\n').map(row => row.replaceAll(/ +/g, ' '))
    expect(rows).toEqual(['drwxr-xr-x 0/0 0 1970-01-01 00:00:00 usr/', '-rwxr-xr-x 0/0 6 1970-01-01 00:00:00 usr/tool', 'lrwxrwxrwx 0/0 0 1970-01-01 00:00:00 tool -> usr/tool'])
  })

  it('splits long names, and refuses what a header cannot hold', () => {
    const path = `${'a'.repeat(90)}/${'b'.repeat(90)}`
    expect(list(tar([{ type: 'file', path, content: Buffer.from('x') }]))).toContain(path)
    expect(() => tar([{ type: 'file', path: 'c'.repeat(300), content: Buffer.from('x') }])).toThrow(RangeError)
  })
})

describe('image', () => {
  it('has the same bytes whenever it is made', () => {
    const make = (): Buffer => imageTar({ reference: 'registry.example/tool:1', layers: [layer(entries)], entrypoint: ['/tool'] })
    expect(make().equals(make())).toBe(true)
  })

  it('is an OCI layout that carries its full name', () => {
    const bytes = imageTar({ reference: 'registry.example/tool:1', layers: [layer(entries)] })
    const index = JSON.parse(execFileSync('tar', ['--extract', '--to-stdout', 'index.json'], { input: bytes, encoding: 'utf8' }))
    expect(index.manifests[0].annotations).toEqual({ 'io.containerd.image.name': 'registry.example/tool:1', 'org.opencontainers.image.ref.name': '1' })
    expect(list(bytes)).toContain(index.manifests[0].digest.slice('sha256:'.length))
  })
})
