/** What `ansible_ssh_common_args` and its like say, in ssh_config's terms. */
export interface SshArgs {
  /** `Key=value`, in their order: of two, the first counts. */
  readonly options: readonly string[]
  /** `-F` */
  readonly configFile: string | undefined
  /** `-o UserKnownHostsFile=PATH` */
  readonly knownHostsFile: string | undefined
  /** What was left out, because host keys are always checked. */
  readonly weaker: readonly string[]
}

type Parsed = SshArgs | { readonly problem: string; readonly hint?: string }

/** Arguments of ssh that take a value and have a name in ssh_config. */
const WITH_VALUE: Readonly<Record<string, string>> = { J: 'ProxyJump', i: 'IdentityFile', p: 'Port', l: 'User' }
const ALONE: Readonly<Record<string, string>> = { '-4': 'AddressFamily=inet', '-6': 'AddressFamily=inet6' }
/** Options whose value is a path. */
const PATHS: ReadonlySet<string> = new Set(['identityfile', 'certificatefile', 'identityagent', 'userknownhostsfile', 'globalknownhostsfile', 'revokedhostkeys'])
/** Ours to decide: how connections are shared. */
const OURS: ReadonlySet<string> = new Set(['controlmaster', 'controlpersist'])

const UNDERSTOOD = 'understood are -o Key=value, -J, -F, -i, -l, -p, -4 and -6'

/** @param path makes a path absolute, as the file that says it means it */
export function parseSshArgs(text: string, path: (path: string) => string): Parsed {
  const split = splitWords(text)
  if ('problem' in split) return split
  const options: string[] = []
  const weaker: string[] = []
  let configFile: string | undefined
  let knownHostsFile: string | undefined
  const words = [...split.words]
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const alone = ALONE[word]
    if (alone !== undefined) {
      options.push(alone)
      continue
    }
    const [, letter = '', attached = ''] = /^-([oJFipl])(.*)$/s.exec(word) ?? []
    if (letter === '') return { problem: `\`${word}\` is not passed on to ssh`, hint: UNDERSTOOD }
    const value = attached === '' ? words.shift() : attached
    if (value === undefined || value === '') return { problem: `\`-${letter}\` without a value`, hint: UNDERSTOOD }
    if (/\p{Cc}/u.test(value)) return { problem: `the value of \`-${letter}\` holds a control character` }
    if (letter === 'F') {
      configFile ??= value === 'none' ? value : path(value)
      continue
    }
    const option = letter === 'o' ? /^([A-Za-z]\w*)(?:\s*=\s*|\s+)(.+)$/s.exec(value) : ['', WITH_VALUE[letter] ?? '', value]
    const [, key = '', said = ''] = option ?? []
    if (key === '') return { problem: `\`-o ${value}\` is not Key=value`, hint: UNDERSTOOD }
    const name = key.toLowerCase()
    if (OURS.has(name)) continue
    if (weakens(name, said)) weaker.push(`${key}=${said}`)
    else if (name === 'stricthostkeychecking') continue
    else if (name === 'userknownhostsfile') knownHostsFile ??= path(unquoted(said))
    else options.push(`${key}=${PATHS.has(name) && !/^none$|^\$|[%"]/.test(said) ? quoted(path(said)) : said}`)
  }
  return { options, configFile, knownHostsFile, weaker }
}

/** Whether an option would have keys of hosts accepted that nobody has checked. */
function weakens(name: string, value: string): boolean {
  const said = unquoted(value).toLowerCase()
  if (name === 'stricthostkeychecking') return said !== 'yes' && said !== 'ask'
  if (name === 'userknownhostsfile' || name === 'globalknownhostsfile') return said === '/dev/null'
  return name === 'nohostauthenticationforlocalhost' || name === 'verifyhostkeydns' ? said === 'yes' : false
}

function unquoted(text: string): string {
  return text.replace(/^"(.*)"$/, '$1')
}

function quoted(path: string): string {
  return /[\s"\\]/.test(path) ? `"${path.replaceAll(/["\\]/g, String.raw`\$&`)}"` : path
}

/** Splits as a POSIX shell splits words, with its quotes, and does nothing else that a shell would do. */
export function splitWords(text: string): { readonly words: readonly string[] } | { readonly problem: string } {
  const words: string[] = []
  let word: string | undefined
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] ?? ''
    if (/\s/.test(letter)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (letter === "'") {
      const end = text.indexOf("'", at + 1)
      if (end < 0) return { problem: "a quote ' without its end" }
      word = (word ?? '') + text.slice(at + 1, end)
      at = end
    } else if (letter === '"') {
      word ??= ''
      for (at++; text[at] !== '"'; at++) {
        if (at >= text.length) return { problem: 'a quote " without its end' }
        if (text[at] === '\\' && /["\\$`]/.test(text[at + 1] ?? '')) at++
        word += text[at]
      }
    } else if (letter === '\\') {
      at++
      if (at >= text.length) return { problem: 'a \\ at the end' }
      word = (word ?? '') + text[at]
    } else word = (word ?? '') + letter
  }
  if (word !== undefined) words.push(word)
  return { words }
}
