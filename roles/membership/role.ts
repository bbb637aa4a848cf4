import { role } from 'ts-play'
import { classify } from '../kubernetes/classify.ts'
import { askClusterInfo, parseClusterInfo } from '../kubernetes/cluster-info.ts'
import { addressOf, endpoint } from '../kubernetes/endpoint.ts'
import { etcdTopology } from '../kubernetes/etcd-topology.ts'
import { evidence } from '../kubernetes/evidence.ts'
import { Membership } from '../outputs.ts'

/** Looks whether a control plane is fresh, partial, joined, foreign or broken. Read only, so it runs wherever somebody asks. */
export const membership = role('membership', {
  vars: { endpoint, etcd: etcdTopology },
  facts: { evidence },
  outputs: { state: Membership },
  produce: {
    state: async ({ facts, vars, on }) => {
      // By its address where it has one: a host need not know the name yet.
      const endpointCa = parseClusterInfo(await on.query(askClusterInfo(addressOf(vars.endpoint) ?? vars.endpoint.name, vars.endpoint.port)))
      return classify(facts.evidence, { part: 'control-plane', endpointCa, etcd: vars.etcd.topology })
    },
  },
})
