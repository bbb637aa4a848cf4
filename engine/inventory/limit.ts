import { disk, type Files } from './files.ts'
import type { Host, Inventory, Resolved } from './inventory.ts'
import { splitSubscript, splitTerms, type Term } from './limit-terms.ts'
import { didYouMean, list } from './suggest.ts'

/** Bytes of a file of host names. */
const MAX_FILE = 1024 * 1024

/**
 * The hosts that an Ansible pattern means, each once and in inventory order: `a:b` and `a,b` (either), `!x` (but not),
 * `&y` (that are also in), globs, `group[0]`, `group[1:]`, `group[0:2]`, `~regex` and `@file` with one pattern a line.
 * Names are groups and hosts. An empty pattern, and one that matches nothing, are problems: neither means all hosts.
 */
export async function limit(expression: string, inventory: Inventory, { files = disk }: { files?: Files } = {}): Promise<Resolved> {
  const names = new Set([...inventory.groups.keys(), ...inventory.hosts.map(host => host.name)])
  const terms = splitTerms(expression, text => names.has(text))
  if (!terms) return { problem: `empty ${expression.trim() === '' ? 'pattern' : `part in \`${expression}\``}`, hint: 'an empty limit never means all hosts: write `all` for that, or leave --limit out' }
  const sets: { readonly role: Term['role']; readonly hosts: ReadonlySet<Host> }[] = []
  for (const term of terms) {
    const found = await termHosts(term, inventory, files)
    if ('problem' in found) return found
    sets.push({ role: term.role, hosts: new Set(found.hosts) })
  }
  const added = sets.filter(set => set.role === 'add')
  // The implicit controller is of no group, so only its name brings it in.
  const { controller } = inventory
  const known = inventory.hosts.includes(controller) || !added.some(set => set.hosts.has(controller)) ? inventory.hosts : [...inventory.hosts, controller]
  const hosts = known.filter(host =>
    (added.length === 0 || added.some(set => set.hosts.has(host))) && sets.every(set => set.role === 'add' || set.hosts.has(host) === (set.role === 'and')),
  )
  return hosts.length > 0 ? { hosts } : { problem: `\`${expression}\` matches no host`, hint: 'its parts do, but not together' }
}

async function termHosts(term: Term, inventory: Inventory, files: Files): Promise<Resolved> {
  const { text } = term
  if (text.startsWith('@')) return await fileHosts(text.slice(1), inventory, files)
  const exact = named(text, inventory)
  if (exact) return filled(exact, text)
  if (text.startsWith('~')) return regexHosts(text, inventory)
  const split = splitSubscript(text)
  // `masters[13]` is the fourteenth host of a group; `w0[13]` is a glob where nothing is called `w0`.
  const { text: name, take } = named(split.text, inventory) || GLOB.test(split.text) ? split : { text, take: undefined }
  const whole = named(name, inventory) ?? (GLOB.test(name) ? await globHosts(name, inventory) : undefined)
  if (!whole) return unknown(name, inventory)
  if (take) {
    const taken = take(whole)
    return taken.length > 0 ? { hosts: taken } : { problem: `\`${text}\` matches no host`, hint: `\`${name}\` has ${whole.length === 1 ? 'one host' : `${whole.length} hosts`}, counted from 0` }
  }
  // Taking away or asking for "whatever looks like this" may find nothing; naming what to work on may not.
  return term.role === 'add' ? filled(whole, text) : { hosts: whole }
}

function filled(hosts: readonly Host[], text: string): Resolved {
  return hosts.length > 0 ? { hosts } : { problem: `\`${text}\` matches no host`, hint: 'the group is empty, or no name looks like this' }
}

const GLOB = /[*?[{]/

/** The hosts of a group, or the host, of exactly this name. */
function named(name: string, inventory: Inventory): readonly Host[] | undefined {
  const group = inventory.groups.get(name)
  if (group) return byNames(group, inventory)
  const host = inventory.hosts.find(known => known.name === name) ?? (inventory.controller.name === name ? inventory.controller : undefined)
  return host && [host]
}

function byNames(names: Iterable<string>, inventory: Inventory): readonly Host[] {
  const wanted = new Set(names)
  return inventory.hosts.filter(host => wanted.has(host.name))
}

/** Hosts whose own name, or that of one of their groups, satisfies a test. */
function hostsWhere(test: (name: string) => boolean, inventory: Inventory): readonly Host[] {
  const groups = [...inventory.groups].filter(([name]) => test(name)).flatMap(([, hosts]) => hosts)
  return byNames([...groups, ...inventory.hosts.map(host => host.name).filter(test)], inventory)
}

async function globHosts(glob: string, inventory: Inventory): Promise<readonly Host[]> {
  const { default: picomatch } = await import('picomatch')
  const matches = picomatch(glob, { nonegate: true, dot: true, bash: true, noext: true, maxLength: 1024 })
  // Called with the name only: a second argument would make it answer with an object, which is always true.
  return hostsWhere(name => matches(name), inventory)
}

function regexHosts(text: string, inventory: Inventory): Resolved {
  try {
    const regex = new RegExp(`^(?:${text.slice(1)})`)
    return filled(hostsWhere(name => regex.test(name), inventory), text)
  } catch (problem) {
    return { problem: `\`${text}\` is no regular expression: ${problem instanceof Error ? problem.message : String(problem)}`, hint: '`~` starts a regular expression, matched from the start of a name' }
  }
}

async function fileHosts(path: string, inventory: Inventory, files: Files): Promise<Resolved> {
  const content = await files.read(path, MAX_FILE)
  if (content.type !== 'file') return { problem: `cannot read \`${path}\`: ${content.type === 'unreadable' ? content.problem : content.type}`, hint: '`@FILE` names a file with one pattern on each line' }
  const lines = new TextDecoder().decode(content.bytes).split(/\r?\n/).map(line => line.replace(/#.*/, '').trim()).filter(line => line !== '')
  if (lines.length === 0) return { problem: `\`${path}\` names no host`, hint: 'an empty limit never means all hosts' }
  if (lines.some(line => line.includes('@'))) return { problem: `\`${path}\` names another file`, hint: 'a file of patterns holds names and patterns only' }
  return await limit(lines.join(','), inventory, { files })
}

function unknown(name: string, inventory: Inventory): Resolved {
  const groups = [...inventory.groups.keys()]
  return { problem: `no host and no group \`${name}\` in the inventory`, hint: didYouMean(name, [...groups, ...inventory.hosts.map(host => host.name)], `its groups are ${list(groups)}`) }
}
