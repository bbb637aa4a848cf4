import type { Secret } from 'ts-play'

/** The same kubeconfig with the cluster at another name or address of its certificates: https://HOST:PORT. */
export function withServer(kubeconfig: Secret<string>, server: string): Secret<string> {
  return kubeconfig.map(text => text.replace(/^(\s*server: ).*$/m, (_, key: string) => key + server))
}
