import type { Member } from 'ts-play'
import type { Endpoint } from '../kubernetes/endpoint.ts'
import { nodeAddressOf } from '../kubernetes/node-address.ts'

/** A TCP port of another host that one has to get to. */
export interface Need {
  readonly host: string
  readonly address: string
  readonly port: number
}

export interface Topology {
  readonly endpoint: Endpoint
  /** Of every kube-apiserver. */
  readonly bindPort: number
  readonly balancers: readonly Member[]
  /** None where etcd is on the control planes. */
  readonly etcdHosts: readonly Member[]
  readonly controlPlanes: readonly Member[]
  readonly workers: readonly Member[]
}

/**
 * Whom a host talks to once there is a cluster: API servers, etcd among itself, kubelets, and whatever stands before the API.
 * @see https://kubernetes.io/docs/reference/networking/ports-and-protocols/
 */
export function needsOf(host: string, { endpoint, bindPort, balancers, etcdHosts, controlPlanes, workers }: Topology): readonly Need[] {
  const isIn = (group: readonly Member[]): boolean => group.some(({ name }) => name === host)
  const to = (group: readonly Member[], ...ports: readonly number[]): readonly Need[] =>
    group.filter(({ name }) => name !== host).flatMap(member => ports.map(port => ({ host: member.name, address: nodeAddressOf(member), port })))
  const balanced = endpoint.strategy === 'haproxy+keepalived'
  const stacked = etcdHosts.length === 0
  const needs = [
    ...(balanced && isIn(balancers) ? to(controlPlanes, bindPort) : []),
    ...(isIn(etcdHosts) ? to(etcdHosts, 2379, 2380) : []),
    ...(isIn(controlPlanes) ? [...to(controlPlanes, bindPort, ...(stacked ? [2379, 2380] : []), 10250), ...to(etcdHosts, 2379), ...to(workers, 10250)] : []),
    ...(balanced && (isIn(controlPlanes) || isIn(workers)) ? to(balancers, endpoint.port) : []),
    ...(!balanced && endpoint.strategy !== 'external' && isIn(workers) ? to(controlPlanes, bindPort) : []),
  ]
  return needs.filter(({ address, port }, index) => needs.findIndex(other => other.address === address && other.port === port) === index)
}
