import { role, sh } from 'ts-play'
import { classifyK3s } from '../k3s/classify.ts'
import { hashOf, k3sEvidence } from '../k3s/evidence.ts'
import { addressOf, endpoint } from '../kubernetes/endpoint.ts'
import { Membership } from '../outputs.ts'

/**
 * Looks whether a server is fresh, partial, joined, foreign or broken. Read only, so it runs wherever somebody asks. The endpoint tells anybody its CA: the answer is
 * only ever compared with what is known, and trusted for nothing.
 */
export const k3sMembership = role('k3s-membership', {
  vars: { endpoint },
  facts: { k3s: k3sEvidence },
  outputs: { state: Membership },
  produce: {
    state: async ({ facts, vars, on }) => {
      // By its address where it has one: a host need not know the name yet.
      const cacerts = `https://${addressOf(vars.endpoint) ?? vars.endpoint.name}:${vars.endpoint.port}/cacerts`
      const answer = await on.query(sh`curl -ks --connect-timeout 2 --max-time 5 ${cacerts} | tr -d '\\n' || true`)
      return classifyK3s(facts.k3s, { part: 'server', endpointCa: hashOf(answer) })
    },
  },
})
