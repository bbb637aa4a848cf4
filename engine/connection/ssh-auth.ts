import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware } from 'ssh2'
import type { Secret } from '../model/secret.ts'
import type { ConnectFailure } from '../model/session.ts'
import { agentKeys, type AgentKey } from './agent-login.ts'
import { failure, messageOf } from './failure.ts'
import { passwordLogin } from './password-login.ts'
import { privateKey, type KeyFile } from './private-key.ts'
import { ssh2 } from './ssh2-library.ts'
import type { Target } from './target.ts'

/** The ways to log in that a target offers, in order, and what to say when none is accepted. */
export interface Credentials {
  readonly handler: AuthHandlerMiddleware
  /** What was tried, for the message of a refusal. It grows while a host asks for more. */
  readonly tried: readonly string[]
}

/**
 * Keys offered in one login. sshd ends it after six failures (MaxAuthTries), and some hosts lock an account that had so many: one try is left for a
 * password.
 */
const MOST_KEYS = 5

/**
 * Puts the ways to log in in order, as ssh does: the key that was named, what the agent holds of the other identities and then what else it holds, the
 * identities' files, at last the password.
 */
export async function credentials(target: Target): Promise<Credentials | ConnectFailure> {
  const library = await ssh2()
  const { user: username, privateKeyFile, identityFiles = [], identitiesOnly = false, identityAgent, password } = target
  const notes: string[] = []
  const agent = identityAgent === undefined ? [] : await agentKeys(library, identityAgent).catch((thrown: unknown) => {
    notes.push(`(the agent at ${identityAgent}: ${messageOf(thrown)})`)
    return []
  })
  const read = (file: string): Promise<KeyFile> => privateKey(file, target.passphrases?.get(file) ?? (file === privateKeyFile ? target.passphrase : undefined), (data, phrase) => library.parseKey(data, phrase))
  const named = privateKeyFile === undefined ? undefined : await read(privateKeyFile)
  const others = await Promise.all(identityFiles.filter(file => file !== privateKeyFile).map(read))

  const offers = new Map<string, { readonly method: AnyAuthMethod; readonly label: string }>()
  const offerFile = (file: KeyFile): void => {
    if (file.type === 'key' && !offers.has(nameOf(file.key.getPublicSSH()))) offers.set(nameOf(file.key.getPublicSSH()), { method: { type: 'publickey', username, key: file.key }, label: `key ${file.file}` })
  }
  const offerAgent = (key: AgentKey | undefined, label = 'the agent'): void => {
    if (key && !offers.has(nameOf(key.publicKey))) offers.set(nameOf(key.publicKey), { method: { type: 'agent', username, agent: key.agent }, label })
  }
  const held = (file: KeyFile): AgentKey | undefined => agent.find(({ publicKey }) => publicOf(file)?.equals(publicKey))

  if (named?.type === 'key') offerFile(named)
  else if (named !== undefined) {
    // What the agent holds of it cannot always be told: then any of its keys may be the one.
    const twin = held(named)
    if (named.type !== 'encrypted' || (twin === undefined && (agent.length === 0 || named.publicKey !== undefined))) return failure('authentication', named.message, named.remedy)
    offerAgent(twin, `key ${named.file} of the agent`)
  }
  for (const file of others) offerAgent(held(file), `key ${file.file} of the agent`)
  if (!identitiesOnly) for (const key of agent) offerAgent(key)
  for (const file of others) {
    offerFile(file)
    if (file.type === 'unusable' || (file.type === 'encrypted' && held(file) === undefined)) notes.push(`(${file.message})`)
  }

  const chosen = [...offers.values()].slice(0, MOST_KEYS)
  const left = offers.size - chosen.length
  const tried = [...grouped(chosen.map(({ label }) => label)), ...notes]
  if (left > 0) tried.push(`(${left} more ${left === 1 ? 'key was' : 'keys were'} not offered, as sshd ends a login after six failures: name the right one, or set IdentitiesOnly for it in ssh_config)`)
  if (password !== undefined) tried.push('the password')
  if (tried.length === 0) return failure('authentication', `there is nothing to log in to ${target.name} with`, 'Give a private key, an ssh-agent (SSH_AUTH_SOCK) or a password (-k asks for it).')
  if (chosen.length === 0 && password === undefined) return failure('authentication', `there is nothing to log in to ${target.name} with ${tried.join(', ')}`, 'Give a private key, an ssh-agent that holds it (ssh-add), or a password (-k asks for it).')
  return { handler: inOrder(chosen.map(({ method }) => method), { username, password, tell: note => tried.push(note) }), tried }
}

interface Login {
  readonly username: string
  readonly password: Secret<string> | undefined
  readonly tell: (note: string) => void
}

/**
 * Tries the methods in order, as far as the host takes their kind, then the password. What it takes is learnt from its answers, but ssh2 keeps to itself
 * what comes in answer to an agent's key: `none` asks for it, first where no other method would, as then it counts for no failure.
 */
function inOrder(methods: readonly AnyAuthMethod[], { username, password, tell }: Login): AuthHandlerMiddleware {
  const none: AnyAuthMethod = { type: 'none', username }
  const silent = methods.every(({ type }) => type === 'agent')
  const queue: AnyAuthMethod[] = methods.length === 0 || (password && silent) ? [none, ...methods] : [...methods]
  let passwordLeft = password
  let stale = false
  return (left: AuthenticationType[] | null, _partial, next) => {
    // After one key of two factors, a second key is a failure and nothing else.
    const method = left === null || left.includes('publickey') ? queue.shift() : undefined
    if (method) {
      stale = method.type === 'agent'
      return next(method)
    }
    const last = passwordLeft && left && passwordLogin({ username, password: passwordLeft, offered: left, tell })
    if (passwordLeft && !last && stale) {
      stale = false
      return next(none)
    }
    passwordLeft = undefined
    if (last) return next(last)
    // ssh2's own convention for "no more methods", which its types leave out.
    // oxlint-disable-next-line typescript/consistent-type-assertions
    return next(false as unknown as AuthenticationType)
  }
}

function publicOf(file: KeyFile): Buffer | undefined {
  return file.type === 'key' ? file.key.getPublicSSH() : file.type === 'encrypted' ? file.publicKey : undefined
}

function nameOf(publicKey: Buffer): string {
  return publicKey.toString('base64')
}

/** `the agent, the agent` → `2 keys of the agent`. */
function grouped(labels: readonly string[]): string[] {
  return [...new Set(labels)].map(label => {
    const count = labels.filter(other => other === label).length
    return label !== 'the agent' ? label : count === 1 ? 'a key of the agent' : `${count} keys of the agent`
  })
}
