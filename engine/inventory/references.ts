import { dirname, resolve } from 'node:path'
import type { Scalar } from 'yaml'
import type { Diagnostic } from '../model/diagnostic.ts'
import { Secret } from '../model/secret.ts'
import type { Files } from './files.ts'
import type { Place } from './inventory.ts'
import { error } from './place.ts'

/** Opens an ansible-vault envelope (`$ANSIBLE_VAULT;1.1;AES256` and its hex lines). `secrets/ansible-vault.ts` makes one from passwords. */
export type Decrypt = (envelope: string) => Promise<Decrypted>
export type Decrypted = { readonly plain: Secret<string> } | { readonly problem: string; readonly hint: string }

/** Where secrets come from: capabilities, given by whoever sees argv and the environment. */
export interface SecretSources {
  readonly files: Files
  /** Absent: vaulted values are an error. */
  readonly decrypt: Decrypt | undefined
  /** What `!env NAME` may read. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** What `~` stands for. */
  readonly home: string
}

/** Bytes a `!file` may have. */
const MAX_FILE = 1024 * 1024

/** What each tagged scalar stands for. One that cannot be had is left out and reported. */
export async function readReferences(given: { tagged: readonly Scalar[]; place: (node: Scalar) => Place; sources: SecretSources; diagnostics: Diagnostic[] }): Promise<ReadonlyMap<Scalar, Secret<string>>> {
  const { tagged, place, sources, diagnostics } = given
  const found = await Promise.all(tagged.map(async node => ({ node, got: await readReference(node, place(node).file, sources) })))
  const secrets = new Map<Scalar, Secret<string>>()
  for (const { node, got } of found) {
    if ('plain' in got) secrets.set(node, got.plain)
    else diagnostics.push(error(place(node), got.problem, got.hint))
  }
  return secrets
}

/** Opens an envelope, with an error of its own where no password was given. */
export async function openVault(envelope: string, decrypt: Decrypt | undefined): Promise<Decrypted> {
  return decrypt ? await decrypt(envelope) : { problem: 'a vaulted value, and no vault password was given', hint: 'give --vault-password-file FILE or --ask-vault-pass' }
}

async function readReference(node: Scalar, file: string, sources: SecretSources): Promise<Decrypted> {
  const text = String(node.value)
  if (node.tag === '!vault') return await openVault(text, sources.decrypt)
  if (node.tag === '!env') {
    const value = Object.hasOwn(sources.environment, text) ? sources.environment[text] : undefined
    if (value === undefined || value === '') return { problem: `environment variable \`${text}\` is not set`, hint: `set it before the run: ${text}=… ts-play …` }
    return { plain: new Secret(value) }
  }
  const path = absolute(text, file, sources.home)
  const content = await sources.files.read(path, MAX_FILE)
  if (content.type !== 'file') return { problem: `cannot read the secret's file ${path}: ${content.type === 'unreadable' ? content.problem : content.type}`, hint: 'a relative path starts at the file that says it; `~` is the home folder' }
  // A text file ends with a line break that is not part of the secret.
  return { plain: new Secret(new TextDecoder().decode(content.bytes).replace(/\r?\n$/, '')) }
}

/** A path as an inventory file says it: `~` is the home folder, relative ones start at the file's own folder. */
export function absolute(path: string, file: string, home: string): string {
  return path === '~' || path.startsWith('~/') ? resolve(home, path.slice(2)) : resolve(dirname(file), path)
}
