import { assert, file, flush, handler, Members, pkg, role, service, sh, waitFor, z } from 'ts-play'
import { endpoint, unlessEndpointIs } from '../kubernetes/endpoint.ts'
import { haproxyCfg } from '../kubernetes/haproxy.ts'
import { nodeAddressOf } from '../kubernetes/node-address.ts'
import { bindPort } from '../kubernetes/variables.ts'

const reload = handler('reload haproxy', service({ name: 'haproxy', state: 'reloaded' }))

/**
 * A balancer for the API on every node, on the loopback: nothing floats, so it works where no address may, and a node depends on no machine but the
 * control planes. Everything on the node asks 127.0.0.1, and each run of the playbook brings the list of control planes up to date.
 */
export const localBalancer = role('local-balancer', {
  vars: { endpoint, bindPort, healthPort: z.int().min(1).max(65535).default(8404).describe('Port on the loopback where HAProxy says how it is') },
  inputs: { backends: Members },
  skip: ({ vars }) => unlessEndpointIs('local', vars.endpoint),
  tasks: ({ host, vars, inputs }) => [
    assert({
      name: 'HAProxy and kube-apiserver do not want the same port',
      that: vars.endpoint.port !== vars.bindPort,
      message: `HAProxy on ${host.name} and kube-apiserver both want port ${vars.endpoint.port}, and kube-apiserver takes it on every address of its machine`,
      remedy: 'set endpoint.port or bindPort to another port, 6444 for one',
    }),
    pkg({ name: ['haproxy', 'curl'] }),
    file(
      {
        path: '/etc/haproxy/haproxy.cfg',
        content: haproxyCfg({
          apiPort: vars.endpoint.port,
          bindAddress: '127.0.0.1',
          healthPort: vars.healthPort,
          backends: inputs.backends.map(backend => ({ name: backend.name, address: nodeAddressOf(backend), port: vars.bindPort })),
        }),
        validate: sh`haproxy -c -f`,
      },
      { notify: [reload] },
    ),
    service({ name: 'haproxy', state: 'running', enabled: true }),
    flush(),
    waitFor({ name: 'HAProxy listens for the API', port: vars.endpoint.port, timeout: 30_000 }),
  ],
})
