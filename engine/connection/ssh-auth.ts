import { readFile } from 'node:fs/promises'
import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware, ParsedKey } from 'ssh2'
import { Secret } from '../model/secret.ts'
import type { ConnectFailure } from '../model/session.ts'
import { failure, messageOf } from './failure.ts'
import type { Target } from './target.ts'

/** The ways to log in that a target offers, in order, and what to say when none is accepted. */
export interface Credentials {
  readonly handler: AuthHandlerMiddleware
  /** What was tried, for the message of a refusal. */
  readonly tried: readonly string[]
}

type ParseKey = (data: Buffer, passphrase?: string) => ParsedKey | Error

/** Reads the key and puts the ways to log in in order: key file, agent, password. */
export async function credentials(target: Target, parseKey: ParseKey): Promise<Credentials | ConnectFailure> {
  const { user: username, privateKeyFile, identityAgent, password } = target
  const methods: AnyAuthMethod[] = []
  const tried: string[] = []
  if (privateKeyFile !== undefined) {
    const key = await privateKey(target, privateKeyFile, parseKey)
    if (key.type === 'key') {
      methods.push({ type: 'publickey', username, key: key.key })
      tried.push(`key ${privateKeyFile}`)
    } else if (key.type === 'encrypted' && identityAgent !== undefined) tried.push(`(key ${privateKeyFile} is encrypted: left to the agent)`)
    else return failure('authentication', key.message, key.remedy)
  }
  if (identityAgent !== undefined) {
    methods.push({ type: 'agent', username, agent: identityAgent })
    tried.push('the agent')
  }
  if (password !== undefined) tried.push('the password')
  if (tried.length === 0) return failure('authentication', `there is nothing to log in to ${target.name} with`, 'Give a private key, an ssh-agent (SSH_AUTH_SOCK) or a password.')
  return { handler: inOrder(methods, username, password), tried }
}

/**
 * Tries the methods in order, then the password by the one of its two ways that the server names: both would count as two wrong passwords.
 * The first try is `none` where there is no key, because only an answer names the ways.
 */
function inOrder(methods: readonly AnyAuthMethod[], username: string, password: Secret<string> | undefined): AuthHandlerMiddleware {
  const queue: AnyAuthMethod[] = methods.length > 0 ? [...methods] : [{ type: 'none', username }]
  let passwordLeft = password
  return (left: AuthenticationType[] | null, _partial, next) => {
    const method = queue.shift()
    if (method) return next(method)
    const word = passwordLeft && Secret.reveal(passwordLeft)
    passwordLeft = undefined
    if (word !== undefined && left?.includes('password')) return next({ type: 'password', username, password: word })
    if (word !== undefined && left?.includes('keyboard-interactive')) {
      // One hidden question is a password; anything else is not ours to answer.
      return next({ type: 'keyboard-interactive', username, prompt: (_name, _text, _language, prompts, finish) => finish(prompts.length === 1 && prompts[0]?.echo !== true ? [word] : prompts.map(() => '')) })
    }
    // ssh2's own convention for "no more methods", which its types leave out.
    // oxlint-disable-next-line typescript/consistent-type-assertions
    return next(false as unknown as AuthenticationType)
  }
}

type KeyResult = { readonly type: 'key'; readonly key: ParsedKey } | { readonly type: 'encrypted' | 'unusable'; readonly message: string; readonly remedy: string }

/** Parsed once per file and run: an encrypted key costs its bcrypt rounds, in one thread, each time. */
const parsed = new Map<string, Promise<KeyResult>>()

function privateKey(target: Target, file: string, parseKey: ParseKey): Promise<KeyResult> {
  const phrase = target.passphrase && Secret.reveal(target.passphrase)
  const id = JSON.stringify([file, phrase])
  const known = parsed.get(id) ?? readKey(file, phrase, parseKey)
  parsed.set(id, known)
  return known
}

async function readKey(file: string, phrase: string | undefined, parseKey: ParseKey): Promise<KeyResult> {
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (thrown) {
    return { type: 'unusable', message: `the private key ${file} cannot be read: ${messageOf(thrown)}`, remedy: 'Correct the path of the key in the inventory, or --private-key.' }
  }
  const key = parseKey(bytes, phrase)
  if (!(key instanceof Error)) {
    if (key.isPrivateKey()) return { type: 'key', key }
    return { type: 'unusable', message: `${file} holds a public key`, remedy: 'Name the private key: the file without .pub.' }
  }
  if (/no passphrase given/.test(key.message)) return { type: 'encrypted', message: `the private key ${file} is encrypted and no passphrase was given`, remedy: `Add it to an ssh-agent (ssh-add ${file}) or give its passphrase.` }
  if (/passphrase|bad decrypt|integrity/i.test(key.message)) return { type: 'unusable', message: `the passphrase for ${file} is wrong`, remedy: 'Give the right passphrase, or use an ssh-agent.' }
  return { type: 'unusable', message: `${file} is no private key this transport can use: ${key.message}`, remedy: 'Use an ed25519, ECDSA or RSA key; FIDO keys and certificates are not supported by this transport.' }
}

