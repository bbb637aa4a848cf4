import { sh, type Command } from 'ts-play'
import { askEtcd, askExternalEtcd } from '../kubernetes/etcd-health.ts'

/** The host's clock, in seconds since 1970; asked on its own, because every moment between question and answer makes it less certain. */
export const clock = sh`date +%s.%N`

/**
 * Everything that preflight judges and no shared fact tells, in one look; exits 0 whatever it finds.
 *
 * The floating address is asked for by a packet to it, which makes the kernel resolve it: only a neighbour that answered just now counts, because a stale
 * entry may be of a machine that is gone.
 *
 * @param vip an address that should be free or ours; `undefined` where none floats
 */
export function lookAround(vip: string | undefined): Command {
  return sh`
    say() { printf '%s=%s\\n' "$1" "$2"; }
    # Not timedatectl: it starts a service to answer. A container has its machine's clock.
    if [ -e /run/systemd/container ]; then say synchronized unknown
    elif systemctl -q is-active chrony chronyd ntp ntpd ntpsec systemd-timesyncd 2>/dev/null; then say synchronized yes
    else say synchronized no; fi
    say vendor "$(cat /sys/class/dmi/id/sys_vendor 2>/dev/null)"
    say kernel "$(uname -r)"
    # Loaded, built in, or to be had by its name.
    for module in ip_set vxlan br_netfilter overlay; do
      if [ -d "/sys/module/$module" ] || modprobe -qn "$module" 2>/dev/null || grep -qs "/$module[.]ko" "/lib/modules/$(uname -r)/modules.dep" "/lib/modules/$(uname -r)/modules.builtin"; then say feature "$module"; fi
    done
    if [ -d /proc/sys/net/bridge ]; then say feature br_netfilter; fi
    for filesystem in bpf overlay; do if grep -qw "$filesystem" /proc/filesystems; then say feature "$filesystem"; fi; done
    while read -r controller _ _ enabled; do if [ "$enabled" = 0 ]; then say disabled "$controller"; fi; done </proc/cgroups 2>/dev/null
    if [ -s /etc/kubernetes/kubelet.conf ]; then say distribution kubeadm; fi
    for unit in k3s k3s-agent; do if [ -e "/etc/systemd/system/$unit.service" ] && [ -e /var/lib/rancher/k3s/agent ]; then say distribution k3s; fi; done
    for path in /etc/cni/net.d/*.conf /etc/cni/net.d/*.conflist /etc/cni/net.d/*.json; do if [ -e "$path" ]; then say cni "\${path##*/}"; fi; done
    df -Pm / /var/lib 2>/dev/null | while read -r _ _ _ free _ path; do say disk "$free $path"; done
    ss -Hltnp 2>/dev/null | while read -r _ _ _ local _ users; do say listener "\${local##*:} $users"; done
    ss -Hlunp 2>/dev/null | while read -r _ _ _ local _ users; do say datagram "\${local##*:} $users"; done
    while read -r key value _; do if [ "$key" = nameserver ]; then say nameserver "$value"; fi; done </etc/resolv.conf 2>/dev/null
    if [ -s /etc/kubernetes/manifests/etcd.yaml ]; then say alarms "$(${askEtcd} -d '{"action":"GET"}' https://127.0.0.1:2379/v3/maintenance/alarm 2>/dev/null | tr -d '\\n')"; fi
    if [ -s /etc/etcd/pki/client.key ]; then say alarms "$(${askExternalEtcd} -d '{"action":"GET"}' https://127.0.0.1:2379/v3/maintenance/alarm 2>/dev/null | tr -d '\\n')"; fi
    vip=${vip ?? ''}
    [ -n "$vip" ] || exit 0
    if ip -o -4 address show 2>/dev/null | grep -qF " $vip/"; then say floating own; exit 0; fi
    timeout 1 bash -c 'echo >"/dev/udp/$1/9"' ask "$vip" 2>/dev/null
    tries=0
    while [ "$tries" -lt 16 ]; do
      entry=$(ip -4 neigh show to "$vip" 2>/dev/null)
      case $entry in
        *REACHABLE*) say floating "$(printf %s "$entry" | sed -n 's/.*lladdr \\([^ ]*\\).*/\\1/p')"; break ;;
        *FAILED*|'') [ "$tries" -gt 4 ] && break ;;
      esac
      tries=$((tries + 1))
      sleep 0.5
    done
    exit 0`
}
