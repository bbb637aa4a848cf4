import type { BaseAgent, IdentityCallback, ParsedKey, SignCallback, SigningRequestOptions } from 'ssh2'
import type { Ssh2 } from './ssh2-library.ts'

type Agents = Pick<Ssh2, 'BaseAgent' | 'createAgent'>

/** A key that an agent holds, with an agent of its own that offers nothing else. */
export interface AgentKey {
  readonly publicKey: Buffer
  readonly agent: BaseAgent
}

/** Milliseconds in which an agent says what it holds. */
const PATIENCE = 5000

/** The keys of an agent, in its order. @throws Error when it cannot be asked. */
export async function agentKeys(library: Agents, socket: string): Promise<readonly AgentKey[]> {
  const agent = library.createAgent(socket)
  const { promise, resolve, reject } = Promise.withResolvers<readonly ParsedKey[]>()
  const timer = setTimeout(() => reject(new Error(`no answer for ${PATIENCE / 1000} s`)), PATIENCE)
  agent.getIdentities((error, found) => {
    if (error) reject(error)
    else resolve((found ?? []).flatMap(key => (typeof key === 'object' && 'getPublicSSH' in key ? [key] : [])))
  })
  try {
    return (await promise).map(key => ({ publicKey: key.getPublicSSH(), agent: only(library, agent, key) }))
  } finally {
    clearTimeout(timer)
  }
}

/** Each key as a way to log in of its own, so that what comes next is decided after each. */
function only(library: Agents, agent: BaseAgent, key: ParsedKey): BaseAgent {
  return new (class extends library.BaseAgent {
    override getIdentities(found: IdentityCallback<ParsedKey>): void {
      found(undefined, [key])
    }
    override sign(publicKey: string | Buffer | ParsedKey, data: Buffer, options: SigningRequestOptions | SignCallback, signed?: SignCallback): void {
      if (typeof options === 'function') agent.sign(publicKey, data, options)
      else agent.sign(publicKey, data, options, signed)
    }
  })()
}
