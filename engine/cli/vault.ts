import { execFile } from 'node:child_process'
import { open } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { Secret } from '../model/secret.ts'
import { vaultOpener, type VaultPassword } from '../secrets/vault-passwords.ts'
import type { Options } from './options.ts'
import type { Answer, Prompts } from './prompts.ts'

export type Decrypt = ReturnType<typeof vaultOpener>

/** A password file that gives no password, and the option that named it. */
interface Unopened {
  readonly option: string
  readonly problem: string
  readonly hint: string
}

/** What opens vaulted values, from the passwords that the command line names. Files are read at once, a person is asked only when a vaulted value is met. */
export async function vault({ vaultPasswordFile, askVaultPass }: Options, prompts: Prompts): Promise<{ readonly decrypt: Decrypt } | Unopened> {
  const passwords: VaultPassword[] = []
  for (const file of vaultPasswordFile) {
    const found = await passwordOf(file)
    if ('problem' in found) return { ...found, option: `--vault-password-file ${file}` }
    passwords.push({ label: undefined, password: found.secret })
  }
  const ask = (): Promise<Answer> => prompts.ask('Vault password')
  // Lines of stdin are answers by their order, so that whether one is read must not depend on the inventory.
  const answered = askVaultPass && !prompts.person ? await ask() : undefined
  return {
    decrypt: vaultOpener(async () => {
      if (!askVaultPass) return passwords
      const answer = answered ?? (await ask())
      return 'problem' in answer ? answer : [...passwords, { label: undefined, password: answer.secret }]
    }),
  }
}

/** A password file as Ansible understands it: text without the white space around it, or a program that prints the password. */
async function passwordOf(given: string): Promise<Answer> {
  const file = given === '~' || given.startsWith('~/') ? join(homedir(), given.slice(1)) : resolve(given)
  const wrong = (problem: string, hint: string): Answer => ({ problem, hint })
  try {
    const { bytes, executable } = await content(file)
    // By its first bytes too, because on some file systems every file is executable.
    const isProgram = executable && bytes.subarray(0, 2).toString('latin1') === '#!'
    const text = isProgram ? (await promisify(execFile)(file, { encoding: 'utf8', maxBuffer: MAX_BYTES })).stdout : new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    if (text.startsWith('$ANSIBLE_VAULT;')) return wrong('this is a vaulted file itself', 'name the file that holds the password')
    return text.trim() === '' ? wrong(isProgram ? 'the program printed nothing' : 'the file is empty', 'it holds the password that ansible-vault was given') : { secret: new Secret(text.trim()) }
  } catch (error) {
    const why = error instanceof TypeError ? 'is not UTF-8 text' : error instanceof Error && 'stderr' in error ? `the program failed: ${String(error.stderr).trim().slice(-300) || error.message}` : error instanceof Error ? error.message.replace(/^(\w+): /, '').replace(/, \w+( '.*')?$/, '') : String(error)
    return wrong(why, 'it holds the password that ansible-vault was given, or is a program that prints it')
  }
}

const MAX_BYTES = 64 * 1024

async function content(file: string): Promise<{ bytes: Buffer; executable: boolean }> {
  await using handle = await open(file)
  const { mode } = await handle.stat()
  const buffer = Buffer.alloc(MAX_BYTES)
  const { bytesRead } = await handle.read(buffer, 0, MAX_BYTES)
  return { bytes: buffer.subarray(0, bytesRead), executable: (mode & 0o111) !== 0 }
}
