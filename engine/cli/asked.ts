import type { Secret } from '../model/secret.ts'
import type { Options } from './options.ts'
import type { Prompts } from './prompts.ts'

/** What whoever runs the program was asked for before the first connection. */
export interface Asked {
  /** `-k`: for hosts whose inventory gives none. */
  readonly loginPassword: Secret<string> | undefined
  /** `-K`, likewise. */
  readonly becomePassword: Secret<string> | undefined
  /** Passphrases of private keys, by file. */
  readonly passphrases: ReadonlyMap<string, Secret<string>>
}

/** Asks for the passwords that the command line names, in the order and with the words of ansible-playbook. */
export async function askPasswords({ askPass, askBecomePass }: Options, prompts: Prompts): Promise<Pick<Asked, 'loginPassword' | 'becomePassword'> | { readonly problem: string; readonly hint: string }> {
  const login = askPass ? await prompts.ask('SSH password') : undefined
  if (login && 'problem' in login) return login
  const become = askBecomePass ? await prompts.ask(login ? 'BECOME password[defaults to SSH password]' : 'BECOME password', login?.secret) : undefined
  if (become && 'problem' in become) return become
  return { loginPassword: login?.secret, becomePassword: become?.secret }
}
