/** Files of ssh2 that its types have under one name. */
declare module 'ssh2/lib/client.js' {
  export { Client as default } from 'ssh2'
}
declare module 'ssh2/lib/agent.js' {
  import type { BaseAgent, createAgent } from 'ssh2'
  const agents: { readonly BaseAgent: typeof BaseAgent; readonly createAgent: typeof createAgent }
  export default agents
}
declare module 'ssh2/lib/protocol/keyParser.js' {
  import type { utils } from 'ssh2'
  const keys: { readonly parseKey: typeof utils.parseKey }
  export default keys
}
