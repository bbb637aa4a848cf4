import type { Data } from './yaml.ts'

/** Where containerd listens. */
export const criSocket = 'unix:///run/containerd/containerd.sock'

/** v1beta4 has flags as a list, because some may be given more than once. */
export function flags(values: Readonly<Record<string, string>>): Data[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }))
}

/** How a node presents itself, the same for `init` and `join`. */
export interface NodeRegistration {
  readonly name: string
  readonly address: string
  readonly ignorePreflightErrors: readonly string[]
  /** Whether a control plane takes workloads like any other node. Default: kubeadm keeps them away by a taint. */
  readonly takesWorkloads?: boolean
}

/** The address is always said: a machine with several interfaces has a default route that need not lead to its cluster. */
export function nodeRegistration({ name, address, ignorePreflightErrors, takesWorkloads = false }: NodeRegistration): Data {
  return {
    name,
    criSocket,
    imagePullPolicy: 'IfNotPresent',
    ...(takesWorkloads ? { taints: [] } : {}),
    kubeletExtraArgs: flags({ 'node-ip': address }),
    ...(ignorePreflightErrors.length > 0 ? { ignorePreflightErrors } : {}),
  }
}
