import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { $ } from 'zx'

/**
 * What this machine knows about reaching Debian's packages: taken from the machine when a rootfs is made, so that the
 * repository names no mirror, proxy or certificate of anybody's network.
 */
export interface MachineApt {
  /** deb822 text of Debian's own sources: never those of third parties. */
  readonly sources: string
  readonly mirrors: readonly string[]
  /** apt.conf lines with the machine's proxies, or ''. */
  readonly proxy: string
  /** Certificate authorities added to this machine (an intercepting proxy's, a company's). */
  readonly authorities: readonly { readonly name: string; readonly text: string }[]
}

export async function machineApt(release: string): Promise<MachineApt> {
  const stanzas = [...deb822Stanzas(), ...oneLineStanzas()].filter(text => suitesOf(text).some(suite => suite.startsWith(release)) && isDebians(text))
  if (stanzas.length === 0) throw new Error(`this machine's apt has no source of Debian ${release}, and a lab takes its mirror from there`)
  const mirrors = new Set(stanzas.flatMap(text => [...text.matchAll(/^URIs:(.*)$/gim)].flatMap(match => (match[1] ?? '').trim().split(/\s+/))).map(uri => new URL(uri).hostname))
  const config = await $({ quiet: true })`apt-config dump`
  const proxies = config.stdout.split('\n').filter(line => /^Acquire::(http|https)::Proxy\b/i.test(line))
  return {
    sources: stanzas.join('\n\n') + '\n',
    mirrors: [...mirrors],
    proxy: proxies.length === 0 ? '' : proxies.join('\n') + '\n',
    authorities: certificates(),
  }
}

function deb822Stanzas(): readonly string[] {
  return sourceFiles('.sources').flatMap(text => text.split(/\n\s*\n/)).map(stanza => stanza.split('\n').filter(line => !line.startsWith('#')).join('\n').trim()).filter(stanza => /^Types:/im.test(stanza) && !/^Enabled:\s*no/im.test(stanza))
}

/** `deb [signed-by=…] URI SUITE COMPONENT…` rewritten as a stanza. */
function oneLineStanzas(): readonly string[] {
  const lines = sourceFiles('.list').flatMap(text => text.split('\n'))
  return lines.flatMap(line => {
    const match = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.+)$/.exec(line.trim())
    if (match === null) return []
    const key = /signed-by=(\S+)/.exec(match[1] ?? '')?.[1]
    return [[`Types: deb`, `URIs: ${match[2]}`, `Suites: ${match[3]}`, `Components: ${match[4]}`, ...(key === undefined ? [] : [`Signed-By: ${key}`])].join('\n')]
  })
}

function sourceFiles(extension: '.sources' | '.list'): readonly string[] {
  const folder = '/etc/apt/sources.list.d'
  const paths = readdirSync(folder).filter(name => name.endsWith(extension)).map(name => join(folder, name))
  return [...(extension === '.list' ? ['/etc/apt/sources.list'] : []), ...paths].map(readIfThere)
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function suitesOf(stanza: string): readonly string[] {
  return (/^Suites:(.*)$/im.exec(stanza)?.[1] ?? '').trim().split(/\s+/)
}

/** Signed by Debian's archive key, or by no key named: a third party has to name its own. */
function isDebians(stanza: string): boolean {
  const key = /^Signed-By:(.*)$/im.exec(stanza)?.[1]?.trim()
  return key === undefined || key.includes('debian-archive')
}

function certificates(): MachineApt['authorities'] {
  const folder = '/usr/local/share/ca-certificates'
  try {
    return readdirSync(folder).filter(name => name.endsWith('.crt')).map(name => ({ name, text: readFileSync(join(folder, name), 'utf8') }))
  } catch {
    return []
  }
}
