import type { Secret } from 'ts-play'

/** The same kubeconfig with the cluster's server at another name or address of its certificates. */
export function reachedAt(kubeconfig: Secret<string>, host: string, port: number): Secret<string> {
  return kubeconfig.map(text => text.replace(/^(\s*server: ).*$/m, (_, key: string) => `${key}https://${host}:${port}`))
}
