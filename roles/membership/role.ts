import { role } from 'ts-play'
import { classify } from '../kubernetes/classify.ts'
import { askClusterInfo, parseClusterInfo } from '../kubernetes/cluster-info.ts'
import { evidence } from '../kubernetes/evidence.ts'
import { apiPort, vip } from '../kubernetes/variables.ts'
import { Membership } from '../outputs.ts'

/** Looks whether a control plane is fresh, partial, joined, foreign or broken. Read only, so it runs wherever somebody asks. */
export const membership = role('membership', {
  vars: { vip, apiPort },
  facts: { evidence },
  outputs: { state: Membership },
  produce: {
    state: async ({ facts, vars, on }) => {
      const endpointCa = parseClusterInfo(await on.query(askClusterInfo(vars.vip, vars.apiPort)))
      return classify(facts.evidence, { part: 'control-plane', endpointCa })
    },
  },
})
