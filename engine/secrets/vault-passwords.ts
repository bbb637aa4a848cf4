import type { Secret } from '../model/secret.ts'
import { openEnvelope, readEnvelope, type Opened } from './ansible-vault.ts'

/** A vault password, with the vault id it is for: `--vault-id prod@FILE`. */
export interface VaultPassword {
  readonly label: string | undefined
  readonly password: Secret<string>
}

/**
 * Makes what `read` wants as `decrypt`. As Ansible does, it tries the password of the envelope's own vault id first, then the others.
 *
 * @param passwords asked for once, when the first envelope is met: a prompt that is not needed is not shown
 */
export function vaultOpener(passwords: () => Promise<readonly VaultPassword[]>): (envelope: string) => Promise<Opened> {
  let asked: Promise<readonly VaultPassword[]> | undefined
  return async text => {
    const envelope = readEnvelope(text)
    if ('problem' in envelope) return envelope
    asked ??= passwords()
    const known = await asked
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
    const labels = known.map(({ label }) => label ?? 'default').join(', ')
    return { problem: `none of the ${known.length} vault passwords opens this value${envelope.label === undefined ? '' : ` of vault id \`${envelope.label}\``}`, hint: `passwords were given for: ${labels}` }
  }
}
