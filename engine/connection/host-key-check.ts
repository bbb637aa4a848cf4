import type { ConnectFailure } from '../model/session.ts'
import { failure, messageOf } from './failure.ts'
import { judgeHostKey, unknownHost, type JudgedHost } from './host-key.ts'
import { appendKnownHost, hashedName, knownName, type KnownHost } from './known-hosts.ts'

/** The check of one connection's host key, as ssh2 calls it: once at the handshake and again whenever keys are renewed. */
export interface HostKeyCheck {
  readonly verify: (key: Buffer, answer: (trusted: boolean) => void) => void
  /** Why the key was not trusted; `undefined` as long as none was refused. */
  readonly refused: ConnectFailure | undefined
}

interface Host extends JudgedHost {
  /** known_hosts files; a new key is recorded in the first. */
  readonly files: readonly string[]
  /** Whether its name is recorded as a hash only. */
  readonly hashed?: boolean
}

/** @param acceptNew trust a host that nothing is known about, and write its key down */
export function hostKeyCheck(known: readonly KnownHost[], host: Host, acceptNew: boolean): HostKeyCheck {
  let refused: ConnectFailure | undefined
  let accepted: Buffer | undefined
  return {
    get refused() {
      return refused
    },
    verify: (key, answer) => {
      const verdict = judgeHostKey(known, host, key)
      if (verdict.type === 'trusted' || accepted?.equals(key)) return answer(true)
      const file = host.files[0]
      if (verdict.type === 'unknown' && accepted === undefined && acceptNew && file !== undefined) {
        accepted = key
        const name = knownName(host.address, host.port)
        void appendKnownHost(file, host.hashed ? hashedName(name) : name, key).then(
          () => answer(true),
          (thrown: unknown) => {
            refused = failure('host-key', `the new key of ${host.label} cannot be recorded: ${messageOf(thrown)}`, `Make ${file} writable.`)
            answer(false)
          },
        )
        return
      }
      refused = verdict.type === 'refused' ? verdict.failure : unknownHost(host, key)
      answer(false)
    },
  }
}
