import { command, Members, role, sh, z } from 'ts-play'
import { endpoint as schema } from '../kubernetes/endpoint.ts'
import { home, underHome } from '../kubernetes/home.ts'
import { bindPort, clusterName } from '../kubernetes/variables.ts'
import { ApiEndpoint, ClusterInfo, Kubeconfig } from '../outputs.ts'
import { kubeconfigFile } from './kubeconfig-file.ts'
import { serverOf } from './server.ts'
import { withServer } from './with-server.ts'


/**
 * Brings the administrator's kubeconfig to the controller: a file of its own for each cluster, so that nothing has to be merged.
 * Use it with `KUBECONFIG=~/.kube/NAME.conf kubectl get nodes`.
 */
export const kubeconfig = role('kubeconfig', {
  vars: {
    endpoint: schema,
    bindPort,
    clusterName,
    kubeconfigPath: z.string().regex(/^~?\//, 'a path on the controller begins with / or ~/').optional().describe('Where it goes; default: ~/.kube/NAME.conf'),
    kubeconfigServer: z.enum(['name', 'address']).default('name').describe('What it calls the cluster by: the endpoint’s name, or its address where the controller has no DNS for it'),
  },
  facts: { home },
  inputs: { endpoint: ApiEndpoint, cluster: ClusterInfo, controlPlanes: Members, kubeconfig: Kubeconfig },
  tasks: ({ vars, facts, inputs }) => {
    const path = underHome(vars.kubeconfigPath ?? `~/.kube/${vars.clusterName}.conf`, facts.home)
    const folder = path.slice(0, path.lastIndexOf('/'))
    const { cluster } = inputs
    const server = serverOf({ ...inputs, by: vars.kubeconfigServer, strategy: vars.endpoint.strategy, bindPort: vars.bindPort })
    return [
      // Only made where it is missing: whose folder it is decides on its mode.
      command({ name: `make ${folder}`, run: sh`mkdir -p -m 700 ${folder}`, creates: folder }),
      kubeconfigFile({ path, server, ca: cluster.ca, content: withServer(inputs.kubeconfig.content, server) }),
    ]
  },
})
