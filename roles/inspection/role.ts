import { role } from 'ts-play'
import { addresses } from '../kubernetes/addresses.ts'
import { endpoint, floatingAddressOf } from '../kubernetes/endpoint.ts'
import { evidence } from '../kubernetes/evidence.ts'
import { identity } from '../kubernetes/identity.ts'
import { kubelet } from '../kubernetes/kubelet.ts'
import { machine } from '../kubernetes/machine.ts'
import { network } from '../kubernetes/network.ts'
import { allowCgroupV1, bindPort, endpointInterface, kubernetesVersion, nodeAddress, podSubnet, serviceSubnet, sharedProductUuid } from '../kubernetes/variables.ts'
import { HostInspection, Identity } from '../outputs.ts'
import { clock, lookAround } from './look.ts'
import { parseSeen } from './parse.ts'

/** Looks at what a host is, and by what it can be told from the others, before anything is changed. Read only; `preflight` judges. */
export const inspection = role('inspection', {
  vars: { kubernetesVersion, endpoint, endpointInterface, bindPort, nodeAddress, podSubnet, serviceSubnet, allowCgroupV1, sharedProductUuid, network },
  facts: { machine, addresses, evidence, kubelet, identity },
  outputs: { inspection: HostInspection, identity: Identity },
  produce: {
    identity: ({ facts, vars, host }) => ({ ...facts.identity, nodeAddress: vars.nodeAddress ?? host.address }),
    inspection: async ({ host, vars, facts, on }) => {
      const asked = Date.now()
      const now = Number.parseFloat(await on.query(clock)) * 1000
      const within = (Date.now() - asked) / 2
      const { synchronized, ...seen } = parseSeen(await on.query(lookAround(floatingAddressOf(vars.endpoint))))
      const { files, etcdData } = facts.evidence
      return {
        ...seen,
        machine: facts.machine,
        addresses: facts.addresses,
        nodeAddress: vars.nodeAddress ?? host.address,
        fresh: files.length === 0 && !etcdData,
        memberVersion: files.includes('kubelet.conf') ? facts.kubelet : undefined,
        // The look may have begun at any time between question and answer.
        clock: { ahead: Math.round(now - (asked + within)), within: Math.ceil(within), synchronized },
        settings: vars,
      }
    },
  },
})
