#!/bin/bash
# Stands for k3s in the lab, because neither its binary nor its Go module is to be had offline. Everything that keeps data or answers requests is real: etcd with the
# settings that k3s gives it, and kube-apiserver. What k3s does around them is played here: it reads the configuration (and, unlike k3s, refuses an option that it does
# not know), checks tokens, joins etcd as a learner that the leader promotes, and registers its Node. There is no kubelet, so no pod ever runs.
set -eu
version=v1.34.10+k3s1
config=/etc/rancher/k3s/config.yaml data=/var/lib/rancher/k3s ca=/opt/k3s-ca
fatal() { echo "level=fatal msg=\"$*\"" >&2; exit 1; }
option() { sed -n "s/^$1: *\"*\\([^\"]*\\)\"*\$/\\1/p" "$config"; }
list() { sed -n "/^$1:/,/^[a-z]/s/^  - *\"*\\([^\"]*\\)\"*\$/\\1/p" "$config"; }
kubectl() { command kubectl --kubeconfig "$kubeconfig" --request-timeout=5s "$@"; }
tokenHash() { printf %s "${1##*:}" | sha256sum | cut -d' ' -f1; }

# SUBJECT FILE NAMES: a certificate of the one CA that plays all of k3s's.
certificate() {
  [ ! -s "$2.crt" ] || return 0
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$2.key" -subj "$1" -out "$2.csr" 2>/dev/null
  openssl x509 -req -in "$2.csr" -CA "$ca/ca.crt" -CAkey "$ca/ca.key" -days 365 -out "$2.crt" -extfile <(printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$3") 2>/dev/null
}

# SERVER FILE KEYPAIR
writeKubeconfig() {
  umask 077
  cat >"$2" <<END
apiVersion: v1
kind: Config
clusters:
  - name: default
    cluster:
      certificate-authority-data: $(base64 -w0 <"$ca/ca.crt")
      server: $1
contexts:
  - name: default
    context: { cluster: default, user: default }
current-context: default
users:
  - name: default
    user:
      client-certificate-data: $(base64 -w0 <"$3.crt")
      client-key-data: $(base64 -w0 <"$3.key")
END
  umask 022
}

# LABELS
registerNode() {
  printf '{"apiVersion":"v1","kind":"Node","metadata":{"name":"%s","labels":{%s}}}' "$name" "$1" | kubectl apply -f - >/dev/null
  kubectl patch node "$name" --subresource=status --type merge -p "{\"status\":{\"addresses\":[{\"type\":\"InternalIP\",\"address\":\"$ip\"}],\"nodeInfo\":{\"kubeletVersion\":\"$version\"},\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\",\"message\":\"played\"}]}}" >/dev/null
}

# USER: whether the token of the configuration lets this user join the cluster at the endpoint.
checkToken() {
  case $token in
    K10*) [ "${token:3:64}" = "$hash" ] || fatal "token CA hash does not match the Cluster CA certificate hash" ;;
  esac
  [ "$(kubectl get configmap -n kube-system k3s-stand-in -o "jsonpath={.data.$1}")" = "$(tokenHash "$token")" ] || fatal "not authorized as $1"
}

[ "${1:-}" != --version ] || { echo "k3s version $version (stand-in)"; exit 0; }
[ "${1:-}" != kubectl ] || { shift; exec kubectl "$@"; }

known=' server cluster-init token-file agent-token-file node-name node-ip advertise-address https-listen-port tls-san cluster-cidr service-cidr write-kubeconfig-mode disable etcd-snapshot-schedule-cron etcd-snapshot-retention kubelet-arg kube-apiserver-arg '
for key in $(sed -n 's/^\([a-z][a-z0-9-]*\):.*/\1/p' "$config"); do case $known in *" $key "*) ;; *) fatal "unknown option $key" ;; esac; done
name=$(option node-name) ip=$(option node-ip) endpoint=$(option server)
hash=$(sha256sum <"$ca/ca.crt" | cut -d' ' -f1)
token=$(cat "$(option token-file)")
mkdir -p "$data/agent" "$data/stand-in"
cp "$ca/ca.crt" "$data/agent/server-ca.crt"

if [ "$1" = agent ]; then
  certificate "/O=system:masters/CN=agent" "$data/stand-in/agent" "DNS:$name"
  kubeconfig=$data/agent/kubelet.kubeconfig
  writeKubeconfig "$endpoint" "$kubeconfig" "$data/stand-in/agent"
  checkToken node
  registerNode ''
  exec sleep infinity
fi

port=$(option https-listen-port) db=$data/server/db/etcd tls=$data/server/tls
mkdir -p "$db" "$tls/etcd"
chmod 700 "$db"
certificate "/O=system:masters/CN=admin" "$data/stand-in/admin" "DNS:$name"
certificate "/CN=kube-apiserver" "$data/stand-in/serving" "DNS:localhost,DNS:kubernetes,IP:127.0.0.1,IP:$ip$(list tls-san | sed 's/^\([0-9.]*\)$/IP:\1/; t; s/^/DNS:/' | sed 's/^/,/' | tr -d '\n')"
certificate "/CN=etcd" "$tls/etcd/server" "DNS:localhost,IP:127.0.0.1,IP:$ip"
certificate "/CN=etcd-client" "$tls/etcd/client" "DNS:$name"
cp "$ca/ca.crt" "$tls/etcd/server-ca.crt"
kubeconfig=$data/stand-in/endpoint.yaml
writeKubeconfig "$endpoint" "$kubeconfig" "$data/stand-in/admin"
etcdctl() { command etcdctl --cacert "$ca/ca.crt" --cert "$tls/etcd/client.crt" --key "$tls/etcd/client.key" "$@"; }

[ -s "$db/name" ] || printf '%s-%s' "$name" "$(od -An -tx4 -N4 /dev/urandom | tr -d ' ')" >"$db/name"
member=$(cat "$db/name") begins=false initial='' state=existing
if [ ! -d "$db/member/wal" ]; then
  if [ "$(option cluster-init)" = true ]; then
    begins=true state=new initial="$member=https://$ip:2380"
  else
    [ -n "$endpoint" ] || fatal 'no datastore, and neither cluster-init nor server: this would begin a second cluster'
    checkToken server
    # The members that answer; k3s asks one of them at /db/info.
    peers=$(kubectl get nodes -l node-role.kubernetes.io/etcd -o 'jsonpath={range .items[*]}{.status.addresses[0].address}{"\n"}{end}' | sed 's,.*,https://&:2379,' | paste -sd,)
    members=$(etcdctl --endpoints "$peers" member list)
    case $members in *" $name-"*) case $members in *", $member, "*|*"https://$ip:2380"*) ;; *) fatal 'duplicate node name found, please use a unique name for this node' ;; esac ;; esac
    case $members in *"https://$ip:2380"*) ;; *) etcdctl --endpoints "$peers" member add "$member" --learner --peer-urls "https://$ip:2380" >/dev/null ;; esac
    initial=$(etcdctl --endpoints "$peers" member list | awk -F', ' -v own="$member" -v url="https://$ip:2380" '{ print ($3 == "" || $4 == url ? own : $3) "=" $4 }' | paste -sd,)
  fi
fi

# As k3s writes it; nothing turns the JSON gateway on or off.
cat >"$db/config" <<END
name: $member
data-dir: $db
initial-cluster: $initial
initial-cluster-state: $state
initial-advertise-peer-urls: https://$ip:2380
advertise-client-urls: https://$ip:2379
listen-client-urls: https://127.0.0.1:2379,https://$ip:2379
listen-client-http-urls: https://127.0.0.1:2382
listen-metrics-urls: http://127.0.0.1:2381
listen-peer-urls: https://127.0.0.1:2380,https://$ip:2380
election-timeout: 5000
heartbeat-interval: 500
logger: zap
log-level: warn
log-outputs: [stderr]
client-transport-security: { cert-file: $tls/etcd/server.crt, key-file: $tls/etcd/server.key, client-cert-auth: true, trusted-ca-file: $ca/ca.crt }
peer-transport-security: { cert-file: $tls/etcd/server.crt, key-file: $tls/etcd/server.key, client-cert-auth: true, trusted-ca-file: $ca/ca.crt }
END
# One process in k3s: what kills it kills these.
children=()
trap 'trap - TERM; kill "${children[@]}" 2>/dev/null; wait; exit 0' TERM INT
started() { children+=("$!"); }
etcd --config-file "$db/config" & started
status() { etcdctl --endpoints https://127.0.0.1:2379 --command-timeout 5s endpoint status -w json 2>/dev/null; }
until status | grep -q '"leader":[1-9]' && ! status | grep -q '"isLearner":true'; do kill -0 "${children[0]}" || fatal 'etcd exited'; sleep 1; done

extra=()
while read -r argument; do [ -z "$argument" ] || extra+=("--$argument"); done < <(list kube-apiserver-arg)
kube-apiserver --etcd-servers https://127.0.0.1:2379 --etcd-cafile "$ca/ca.crt" --etcd-certfile "$tls/etcd/client.crt" --etcd-keyfile "$tls/etcd/client.key" \
  --secure-port "$port" --advertise-address "$(option advertise-address)" --service-cluster-ip-range "$(option service-cidr)" --authorization-mode Node,RBAC \
  --client-ca-file "$ca/ca.crt" --tls-cert-file "$data/stand-in/serving.crt" --tls-private-key-file "$data/stand-in/serving.key" \
  --service-account-issuer https://kubernetes.default.svc --service-account-key-file "$ca/ca.key" --service-account-signing-key-file "$ca/ca.key" \
  --endpoint-reconciler-type none "${extra[@]}" & started

writeKubeconfig "https://127.0.0.1:$port" /etc/rancher/k3s/k3s.yaml "$data/stand-in/admin"
kubeconfig=/etc/rancher/k3s/k3s.yaml
until [ "$(kubectl get --raw /readyz 2>/dev/null)" = ok ]; do kill -0 "${children[1]}" || fatal 'kube-apiserver exited'; sleep 1; done
agentToken=$(cat "$(option agent-token-file)")
(umask 077; echo "K10$hash::server:${token##*:}" >"$data/server/token"; echo "K10$hash::node:$agentToken" >"$data/server/agent-token")
cp "$ca/ca.crt" "$tls/server-ca.crt"
if $begins; then kubectl create configmap -n kube-system k3s-stand-in --from-literal "server=$(tokenHash "$token")" --from-literal "node=$(tokenHash "$agentToken")" >/dev/null; fi
registerNode '"node-role.kubernetes.io/control-plane":"true","node-role.kubernetes.io/etcd":"true"'
systemd-notify --ready

# The leader promotes whoever has caught up, as k3s does.
while kill -0 "${children[0]}" && kill -0 "${children[1]}"; do
  own=$(status)
  if [ "$(grep -o '"member_id":[0-9]*' <<<"$own" | head -1 | cut -d: -f2)" = "$(grep -o '"leader":[0-9]*' <<<"$own" | cut -d: -f2)" ]; then
    for id in $(etcdctl --endpoints https://127.0.0.1:2379 member list 2>/dev/null | awk -F', ' '$6 == "true" { print $1 }'); do etcdctl --endpoints https://127.0.0.1:2379 member promote "$id" >/dev/null 2>&1 || :; done
  fi
  sleep 2 & wait $!
done
fatal 'a component exited'
