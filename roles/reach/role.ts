import { Members, role } from 'ts-play'
import { endpoint } from '../kubernetes/endpoint.ts'
import { evidence } from '../kubernetes/evidence.ts'
import { bindPort, nodeAddress } from '../kubernetes/variables.ts'
import { HostSurroundings } from '../outputs.ts'
import { lookOut } from './listen.ts'
import { needsOf } from './needs.ts'
import { parseSurroundings } from './parse.ts'

/** Tries the paths that a host will need, and listens for other VRRP routers. Read only; `preflight` judges. A host that has joined is left alone: its cluster shows. */
export const reach = role('reach', {
  vars: { endpoint, bindPort, nodeAddress },
  facts: { evidence },
  inputs: { balancers: Members, etcdHosts: Members, controlPlanes: Members, workers: Members },
  outputs: { surroundings: HostSurroundings },
  produce: {
    surroundings: async ({ host, vars, facts, inputs, on }) => {
      if (facts.evidence.files.length > 0 || facts.evidence.etcdData) return { paths: [], routers: [], unchecked: [] }
      const needs = needsOf(host.name, { ...vars, ...inputs })
      const speaksVrrp = vars.endpoint.strategy === 'haproxy+keepalived' && inputs.balancers.some(({ name }) => name === host.name)
      return parseSurroundings(await on.query(lookOut(needs, speaksVrrp ? (vars.nodeAddress ?? host.address) : undefined)), needs)
    },
  },
})
