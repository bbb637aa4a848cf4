import type { Diagnostic } from '../model/diagnostic.ts'
import { Secret } from '../model/secret.ts'
import { parseYaml } from './document.ts'
import type { Files } from './files.ts'
import { error, wholeFile } from './place.ts'
import { openVault, readReferences, type SecretSources } from './references.ts'
import { convert } from './structure.ts'
import { nodePlace } from './survey.ts'
import { valueReader, type ValueReader } from './value.ts'

/** What reading a file needs beside its path. */
export interface LoadOptions extends SecretSources {
  readonly files: Files
}

/** Bytes of one YAML file. 2000 hosts are about 0.3 MB. */
export const MAX_BYTES = 16 * 1024 * 1024

/** Reads one YAML file, decrypts it as a whole if it is an ansible-vault envelope, and its secrets. `undefined` where that failed; the reasons are in `diagnostics`. */
export async function loadYaml(file: string, diagnostics: Diagnostic[], options: LoadOptions): Promise<ValueReader | undefined> {
  const content = await options.files.read(file, MAX_BYTES)
  const refuse = (message: string, hint?: string): undefined => {
    diagnostics.push(error(wholeFile(file), message, hint))
    return undefined
  }
  if (content.type === 'missing') return refuse('no such file')
  if (content.type === 'folder') return refuse('is a folder')
  if (content.type === 'too-big') return refuse(`larger than ${MAX_BYTES / 1024 / 1024} MiB`, 'split it into files of a folder')
  if (content.type === 'unreadable') return refuse(`cannot be read: ${content.problem}`)
  const plain = text(content.bytes)
  if (plain === undefined) return refuse('is not UTF-8 text')
  if (!plain.startsWith('$ANSIBLE_VAULT;')) return await understand({ file, text: plain, hidden: false }, diagnostics, options)
  const opened = await openVault(plain, options.decrypt)
  return 'plain' in opened ? await understand({ file, text: Secret.reveal(opened.plain), hidden: true }, diagnostics, options) : refuse(opened.problem, opened.hint)
}

async function understand(given: { file: string; text: string; hidden: boolean }, diagnostics: Diagnostic[], options: LoadOptions): Promise<ValueReader | undefined> {
  const { file } = given
  if (given.text.startsWith('#!')) {
    diagnostics.push(error({ file, line: 1, column: 1, length: 2 }, 'this is a program; ts-play does not run inventory scripts', convert(file)))
    return undefined
  }
  const ini = /^\[[^\]\n]+\][ \t]*(?:[#;].*)?\r?$|^[^\s:#]+[ \t]+ansible_\w+[ \t]*=.*$/m.exec(given.text)
  if (ini) {
    const line = given.text.slice(0, ini.index).split('\n').length
    diagnostics.push(error({ file, line, column: 1, length: 1 }, 'this is an INI inventory; ts-play reads YAML', convert(file)))
    return undefined
  }
  const { document, diagnostics: found } = parseYaml(given)
  diagnostics.push(...found)
  if (!document.root) {
    if (found.length > 0) return undefined
    return valueReader({ document, secrets: new Map(), diagnostics })
  }
  const secrets = await readReferences({ tagged: document.tagged, place: node => nodePlace(document.source, node), sources: options, diagnostics })
  return valueReader({ document, secrets, diagnostics })
}

function text(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

