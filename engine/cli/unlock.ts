import { agentKeys } from '../connection/agent-login.ts'
import { effectiveTarget } from '../connection/effective-target.ts'
import { isFailure } from '../connection/failure.ts'
import type { Pool } from '../connection/pool.ts'
import { privateKey, type KeyFile } from '../connection/private-key.ts'
import { ssh2 } from '../connection/ssh2-library.ts'
import type { Target } from '../connection/target.ts'
import type { Secret } from '../model/secret.ts'
import type { Prompts } from './prompts.ts'

/** As often as ssh asks. */
const TRIES = 3

/**
 * Asks a person for the passphrases of encrypted keys: once each, whatever the number of hosts, and before the first connection, because during a run
 * there is no place on the screen for a question. Not for a key that an agent holds, nor for keys that nobody named while there is another way to log in.
 * A question that is left empty leaves the key out.
 */
export async function unlock(targets: readonly Target[], { prompts, pool }: { prompts: Prompts; pool: Pool }): Promise<ReadonlyMap<string, Secret<string>>> {
  const opened = new Map<string, Secret<string>>()
  if (!prompts.person) return opened
  const closed = new Set((await Promise.all(targets.filter(({ connection }) => connection !== 'local').map(target => closedKeys(target, pool)))).flat())
  for (const file of closed) {
    for (let left = TRIES; left > 0; left--) {
      const answer = await prompts.ask(`Passphrase for key '${file}'`)
      if ('problem' in answer) break
      if ((await read(file, answer.secret)).type === 'key') {
        opened.set(file, answer.secret)
        break
      }
      prompts.say(left > 1 ? 'That does not open it. Try again.' : `That does not open it: ${file} is left out.`)
    }
  }
  return opened
}

/** The encrypted keys without which nobody can log in to a host. */
async function closedKeys(given: Target, pool: Pool): Promise<readonly string[]> {
  const effective = await effectiveTarget(given, pool)
  // What is wrong with it is told when it is connected to.
  if (isFailure(effective)) return []
  const { target } = effective
  const { privateKeyFile, identityFiles = [], identityAgent } = target
  const files = await Promise.all((privateKeyFile === undefined ? identityFiles : [privateKeyFile]).map(file => read(file, undefined)))
  const encrypted = files.filter(file => file.type === 'encrypted')
  if (encrypted.length === 0) return []
  const held = identityAgent === undefined ? [] : await agentKeys(await ssh2(), identityAgent).catch(() => [])
  const missing = encrypted.filter(({ publicKey }) => publicKey === undefined ? held.length === 0 : !held.some(key => key.publicKey.equals(publicKey)))
  const otherWay = privateKeyFile === undefined && (files.some(({ type }) => type === 'key') || target.password !== undefined || missing.length < encrypted.length || (held.length > 0 && target.identitiesOnly !== true))
  return otherWay ? [] : missing.map(({ file }) => file)
}

async function read(file: string, passphrase: Secret<string> | undefined): Promise<KeyFile> {
  const { parseKey } = await ssh2()
  return privateKey(file, passphrase, (data, phrase) => parseKey(data, phrase))
}
