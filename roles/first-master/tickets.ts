import { Secret, secret, sh, type Command } from 'ts-play'
import type { PkiFile } from '../outputs.ts'

/** How long a bootstrap token lasts when nobody takes it back: a run that was killed leaves no door open for long. */
const tokenMinutes = 30

/** What the tokens of runs have and no others: by this a later run finds one whose own could not take it back. */
export const ticketLabel = 'ts-play/lasts-for=one-run'

const tokenPattern = /^([a-z0-9]{6})\.([a-z0-9]{16})$/

/** A token as `kubeadm token generate` prints it. @throws Error when it is none, without repeating it */
export function parseToken(printed: string): Secret<string> {
  const token = printed.trim()
  if (!tokenPattern.test(token)) throw new Error('kubeadm token generate did not print a token')
  return new Secret(token)
}

/** The public half of a token, which names its Secret in the cluster. */
export function tokenId(token: Secret<string>): string {
  return tokenPattern.exec(Secret.reveal(token))?.[1] ?? ''
}

/**
 * A bootstrap token as the cluster keeps it. `kubeadm token create` would want the token as an argument, where every user of the machine can read it, so
 * the Secret is written as it is documented and goes to kubectl on stdin.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/#bootstrap-token-secret-format
 */
export function tokenManifest(token: Secret<string>, now: Date): Secret<string> {
  const expiration = new Date(now.getTime() + tokenMinutes * 60_000).toISOString().replace(/\.\d+Z$/, 'Z')
  return secret`apiVersion: v1
kind: Secret
metadata:
  name: "bootstrap-token-${tokenId(token)}"
  namespace: kube-system
  labels: { ${ticketLabel.replace('=', ': ')} }
type: bootstrap.kubernetes.io/token
stringData:
  description: made by ts-play for one run
  token-id: "${tokenId(token)}"
  token-secret: "${token.map(text => text.slice(7))}"
  expiration: "${expiration}"
  usage-bootstrap-authentication: "true"
  usage-bootstrap-signing: "true"
  auth-extra-groups: system:bootstrappers:kubeadm:default-node-token
`
}

/** What every control plane has in common, under /etc/kubernetes/pki. Everything else is made on each host from these. External etcd has its own authority elsewhere. */
export function sharedPki(etcd: 'stacked' | 'external'): readonly string[] {
  return ['ca.crt', 'ca.key', 'sa.key', 'sa.pub', 'front-proxy-ca.crt', 'front-proxy-ca.key', ...(etcd === 'stacked' ? ['etcd/ca.crt', 'etcd/ca.key'] : [])]
}

/** Prints the shared PKI, each file after a line with its name. */
export function printPki(etcd: 'stacked' | 'external'): Command {
  return sh`cd /etc/kubernetes/pki && for file in ${sharedPki(etcd)}; do echo "==> $file"; cat "$file"; done`
}

/** @throws Error naming the files that are missing */
export function parsePki(printed: string, etcd: 'stacked' | 'external'): readonly PkiFile[] {
  const files = printed.split(/^==> /m).slice(1).map(part => {
    const end = part.indexOf('\n')
    return { path: part.slice(0, end), content: new Secret(part.slice(end + 1)) }
  })
  const missing = sharedPki(etcd).filter(path => !files.some(file => file.path === path && Secret.reveal(file.content).includes('-----BEGIN ')))
  if (missing.length > 0) throw new Error(`/etc/kubernetes/pki lacks ${missing.join(', ')}`)
  return files
}
