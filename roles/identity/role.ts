import { role } from 'ts-play'
import { nodeAddress } from '../kubernetes/variables.ts'
import { Identity } from '../outputs.ts'
import { identity as machine } from '../kubernetes/identity.ts'

/** Looks at what has to differ between the machines of one cluster; `prereqs` compares them all. Read only. */
export const identity = role('identity', {
  vars: { nodeAddress },
  facts: { machine },
  outputs: { identity: Identity },
  produce: {
    identity: ({ facts, vars, host }) => ({ ...facts.machine, nodeAddress: vars.nodeAddress ?? host.address }),
  },
})
