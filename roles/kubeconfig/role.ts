import { command, fact, file, role, sh, z } from 'ts-play'
import { clusterName } from '../kubernetes/variables.ts'
import { ApiEndpoint, ClusterInfo, Kubeconfig } from '../outputs.ts'
import { onlyThisCluster } from './only-this-cluster.ts'
import { reachedAt } from './reached-at.ts'

const home = fact({ name: 'home', query: sh`printf %s "$HOME"`, parse: stdout => stdout })

/**
 * Brings the administrator's kubeconfig to the controller: a file of its own for each cluster, so that nothing has to be merged.
 * Use it with `KUBECONFIG=~/.kube/NAME.conf kubectl get nodes`.
 */
export const kubeconfig = role('kubeconfig', {
  vars: {
    clusterName,
    kubeconfigPath: z.string().startsWith('/').optional().describe('Where it goes; default: ~/.kube/NAME.conf'),
    kubeconfigServer: z.enum(['name', 'address']).default('name').describe('What it calls the cluster by: the endpoint’s name, or its address where the controller has no DNS for it'),
  },
  facts: { home },
  inputs: { endpoint: ApiEndpoint, cluster: ClusterInfo, kubeconfig: Kubeconfig },
  tasks: ({ vars, facts, inputs }) => {
    const path = vars.kubeconfigPath ?? `${facts.home}/.kube/${vars.clusterName}.conf`
    const { endpoint: at, cluster } = inputs
    const folder = path.slice(0, path.lastIndexOf('/'))
    return [
      // Only made where it is missing: whose folder it is decides on its mode.
      command({ name: `make ${folder}`, run: sh`mkdir -p -m 700 ${folder}`, creates: folder }),
      onlyThisCluster({ path, ca: cluster.ca }),
      file({ path, content: reachedAt(inputs.kubeconfig.content, vars.kubeconfigServer === 'name' ? at.name : at.address, at.port), mode: 0o600 }),
    ]
  },
})
