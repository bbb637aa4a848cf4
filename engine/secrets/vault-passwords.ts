import type { Secret } from '../model/secret.ts'
import { openEnvelope, readEnvelope, type Opened } from './ansible-vault.ts'

/** A vault password. */
export interface VaultPassword {
  /** The vault id that it is for; `undefined` is tried for any. */
  readonly label: string | undefined
  readonly password: Secret<string>
}

/** Why there is no password: nobody answered. */
export interface Unanswered {
  readonly problem: string
  readonly hint: string
}

/**
 * Makes what `read` wants as `decrypt`. As Ansible does, it tries the password of the envelope's own vault id first, then the others.
 *
 * @param passwords asked for once, when the first envelope is met: a prompt that is not needed is not shown. Or why there are none.
 */
export function vaultOpener(passwords: () => Promise<readonly VaultPassword[] | Unanswered>): (envelope: string) => Promise<Opened> {
  let asked: ReturnType<typeof passwords> | undefined
  return async text => {
    const envelope = readEnvelope(text)
    if ('problem' in envelope) return envelope
    asked ??= passwords()
    const known = await asked
    if ('problem' in known) return known
    if (known.length === 0) return { problem: 'a vaulted value, and no vault password was given', hint: 'give --vault-password-file FILE or --ask-vault-pass' }
    const own = known.filter(({ label }) => label === envelope.label)
    const others = known.filter(({ label }) => label !== envelope.label)
    let last: Opened | undefined
    for (const { password } of [...own, ...others]) {
      const opened = await openEnvelope(envelope, password)
      if ('plain' in opened) return opened
      last ??= opened
    }
    if (known.length === 1 && last) return last
    const labels = new Set(known.map(({ label }) => label ?? 'any vault id'))
    return { problem: `none of the ${known.length} vault passwords opens this value${envelope.label === undefined ? '' : ` of vault id \`${envelope.label}\``}`, hint: `passwords were given for: ${[...labels].join(', ')}` }
  }
}
