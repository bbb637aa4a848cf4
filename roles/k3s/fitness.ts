import { assert, type Item } from 'ts-play'
import type { Endpoint } from '../kubernetes/endpoint.ts'
import type { K3sSettings } from '../kubernetes/inspection.ts'
import { releaseSuffix } from './version.ts'

export interface K3sCandidate extends K3sSettings {
  readonly host: string
  readonly architecture: string
  /** Version of k3s that runs already; `undefined` where none does. */
  readonly memberVersion: string | undefined
  readonly endpoint: Endpoint
}

/** What has to hold of a machine for k3s, beside what Kubernetes wants of it. */
export function k3sFitness({ host, architecture, memberVersion, k3sVersion, ownBinary, endpoint }: K3sCandidate): Item[] {
  return [
    assert({
      name: 'there is a release for the machine',
      that: ownBinary || releaseSuffix(architecture) !== undefined,
      message: `${host} is ${architecture}, and releases of k3s are for x86_64 and aarch64`,
      remedy: 'name a binary for it with k3sBinary.file or k3sBinary.url',
    }),
    assert({
      name: 'members keep their version',
      that: memberVersion === undefined || memberVersion === k3sVersion,
      message: `${host} is a member with k3s ${memberVersion}, and the inventory wants ${k3sVersion}`,
      remedy: `set k3sVersion to ${memberVersion}: an upgrade goes host by host, and is another playbook's work`,
    }),
    assert({
      name: 'the balancer on the node and k3s’s own do not want the same port',
      that: endpoint.strategy !== 'local' || endpoint.port !== k3sClientPort,
      message: `k3s has a balancer for its agents on 127.0.0.1:${k3sClientPort}, and endpoint.port is ${k3sClientPort}, too`,
      remedy: 'set endpoint.port to another port, 6445 for one',
    }),
  ]
}

const k3sClientPort = 6444

/** TCP ports of a node. 2381 and 2382 are etcd's metrics and its clients' over HTTP, 6444 the balancer of agents. */
export function k3sPorts(part: 'server' | 'agent', bindPort: number): readonly number[] {
  return part === 'server' ? [bindPort, 2379, 2380, 2381, 2382, k3sClientPort, 10250] : [k3sClientPort, 10250]
}
