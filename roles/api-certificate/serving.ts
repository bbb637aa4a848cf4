import { sh, type Command } from 'ts-play'

export interface Served {
  /** Names and addresses. */
  readonly names: readonly string[]
  /** Of this control plane. */
  readonly address: string
  readonly bindPort: number
}

/** Exits 0 when kube-apiserver of this host serves a certificate that is good for each of the names: asked as a client of that name would. */
export function servesNames({ names, address, bindPort }: Served): Command {
  return sh`
    for name in ${names}; do
      curl -fsS --max-time 5 --cacert /etc/kubernetes/pki/ca.crt --connect-to ${`::${address}:${bindPort}`} "https://$name:${bindPort}/readyz" >/dev/null || { echo "kube-apiserver is not believed to be $name"; exit 1; }
    done`
}

export interface Issue extends Served {
  /** NAME:PORT. */
  readonly endpoint: string
  readonly serviceSubnet: string
}

/**
 * Makes a new certificate for kube-apiserver of this host, from the cluster's own CA, and waits until it is served: kube-apiserver looks at the file by itself, within
 * a minute. The old one comes back if there is no new one.
 */
export function issueCertificate(issue: Issue): Command {
  const { names, address, endpoint, serviceSubnet } = issue
  return sh`
    cd /etc/kubernetes/pki
    old=$(mktemp -d -p /etc/kubernetes/pki old.XXXXXX)
    mv apiserver.crt apiserver.key "$old/"
    kubeadm init phase certs apiserver --apiserver-advertise-address ${address} --apiserver-cert-extra-sans ${names.join(',')} --control-plane-endpoint ${endpoint} --service-cidr ${serviceSubnet} --kubernetes-version "$(kubeadm version --output short)" || {
      mv "$old/apiserver.crt" "$old/apiserver.key" .
      rmdir "$old"
      exit 1
    }
    rm -rf "$old"
    tries=0
    until (${servesNames(issue)}
    ) >/dev/null 2>&1; do
      tries=$((tries + 1))
      [ $tries -lt 90 ] || { echo 'kube-apiserver does not serve its new certificate: see its log' >&2; exit 1; }
      sleep 1
    done`
}

/** Exits 0 when the cluster's own record has the names: what the next control plane's certificate is made from. */
export function recordsNames(kubectl: Command, names: readonly string[]): Command {
  return sh`
    record=$(${kubectl} get configmap --namespace kube-system kubeadm-config -o ${'jsonpath={.data.ClusterConfiguration}'})
    for name in ${names}; do printf '%s\\n' "$record" | grep -qxF "  - $name" || { echo "kubeadm-config lacks $name"; exit 1; }; done`
}

export function recordNames(kubectl: Command, names: readonly string[]): Command {
  return sh`
    record=$(${kubectl} get configmap --namespace kube-system kubeadm-config -o ${'jsonpath={.data.ClusterConfiguration}'})
    for name in ${names}; do
      printf '%s\\n' "$record" | grep -qxF "  - $name" || record=$(printf '%s\\n' "$record" | sed "s/^  certSANs:$/&\\\\
  - $name/")
    done
    printf '%s\\n' "$record" | ${kubectl} create configmap --namespace kube-system kubeadm-config --from-file ClusterConfiguration=/dev/stdin --dry-run=client -o yaml | ${kubectl} replace -f -`
}
