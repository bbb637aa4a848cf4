import type { BaseAgent, Client, createAgent, utils } from 'ssh2'

/** What is needed of ssh2. */
export interface Ssh2 {
  readonly Client: typeof Client
  readonly BaseAgent: typeof BaseAgent
  readonly createAgent: typeof createAgent
  readonly parseKey: typeof utils.parseKey
}

/**
 * Loads ssh2, for the first connection that uses it. By its parts, as its index wants its server, its maker of keys and Node's HTTP as well: 15 ms of each start, for nothing.
 * These files are its own business, so its minor version is pinned.
 */
export async function ssh2(): Promise<Ssh2> {
  const [{ default: client }, { default: agents }, { default: keys }] = await Promise.all([import('ssh2/lib/client.js'), import('ssh2/lib/agent.js'), import('ssh2/lib/protocol/keyParser.js')])
  return { Client: client, BaseAgent: agents.BaseAgent, createAgent: agents.createAgent, parseKey: keys.parseKey }
}
