import { Members, role, sh, waitFor } from 'ts-play'
import { addressesOnNodes, endpoint as schema } from '../kubernetes/endpoint.ts'

/**
 * The API answers where the inventory says that it will be reached from now on, before anybody is sent there: asked by the name, at the new address, and believed only
 * with the cluster's own certificate.
 */
export const endpointReady = role('endpoint-ready', {
  vars: { endpoint: schema },
  inputs: { controlPlanes: Members },
  tasks: ({ vars, inputs }) => {
    const { name, port } = vars.endpoint
    const addresses = addressesOnNodes(vars.endpoint, inputs.controlPlanes)
    const ask = (to: string) => sh`curl -fsS --connect-timeout 2 --max-time 5 --cacert /etc/kubernetes/pki/ca.crt --connect-to ${to} ${`https://${name}:${port}/readyz`} >/dev/null`
    return [
      waitFor({
        name: `the API is ready at ${addresses.length === 0 ? name : addresses.join(', ')}`,
        until: addresses.length === 0 ? ask('::') : addresses.map(address => ask(`::${address}:${port}`)).reduce((all, one) => sh`${all} && ${one}`),
        stable: 3,
        timeout: 60_000,
      }),
    ]
  },
})
