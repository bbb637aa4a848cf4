import type { Lab } from '../lab.ts'

/** Who signs a repository: the key that its users were given, or another one; or nobody. */
export type Signer = 'kubernetes' | 'stranger' | 'nobody'

/** A repository of packages on a lab host, laid out as pkgs.k8s.io is: one flat, signed repository for each minor version. */
export interface KubernetesRepository {
  readonly uri: (minor: number) => string
  /** The public keys as armored text. */
  readonly keys: Readonly<Record<'kubernetes' | 'stranger', string>>
  /** Makes the packages of these Kubernetes versions, of one minor, and signs their repository. */
  readonly publish: (minor: number, patches: readonly number[]) => Promise<void>
  readonly sign: (minor: number, signer: Signer) => Promise<void>
  /** Changes one byte of a package, or of the list of packages, after it was signed. */
  readonly tamper: (minor: number, what: 'kubelet' | 'list') => Promise<void>
  /** Everything as it was published. */
  readonly restore: (minor: number) => Promise<void>
  /** Requests that the server has answered since it was last asked: `GET /core:/… 200`. */
  readonly requests: () => Promise<readonly string[]>
}

/** Makes one on a bare host: nginx from Debian, everything else is there. */
export async function kubernetesRepository(lab: Lab, host: string): Promise<KubernetesRepository> {
  const run = async (command: string): Promise<string> => {
    const { code, stdout, stderr } = await lab.exec(host, `. /root/repository.sh\n${command}`)
    if (code !== 0) throw new Error(`the repository on ${host}: ${command}: ${stderr}`)
    return stdout
  }
  const made = await lab.exec(host, 'cat >/root/repository.sh && sh -eu -c ". /root/repository.sh; prepare"', { input: SCRIPT })
  if (made.code !== 0) throw new Error(`no repository on ${host}: ${made.stderr}`)
  const key = (signer: string): Promise<string> => run(`gpg --armor --export ${signer}@`)
  return {
    uri: minor => `http://${lab.address(host)}/core:/stable:/v1.${minor}/deb/`,
    keys: { kubernetes: await key('kubernetes'), stranger: await key('stranger') },
    publish: async (minor, patches) => void (await run(`publish 1.${minor} ${patches.map(patch => `1.${minor}.${patch}`).join(' ')}`)),
    sign: async (minor, signer) => void (await run(`sign 1.${minor} ${signer}`)),
    tamper: async (minor, what) => void (await run(`tamper 1.${minor} ${what}`)),
    restore: async minor => void (await run(`restore 1.${minor}`)),
    requests: async () => (await run('requests')).trim().split('\n'),
  }
}

/**
 * Packages with the names, versions, dependencies and paths of the real ones; their programs are scripts that print their version.
 * What is published gets a date of its own, a second later each time: whoever asks "newer than what I have?" gets the right answer.
 */
const SCRIPT = String.raw`set -eu
export GNUPGHOME=/root/keys LC_ALL=C
top=/var/www/html/core:/stable:
arch=$(dpkg --print-architecture)
prepare() {
  apt-get -q update >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get -qy --no-install-recommends install nginx-light >/dev/null
  mkdir -p -m 700 $GNUPGHOME
  for who in kubernetes stranger; do gpg --batch --quiet --passphrase '' --quick-gen-key "$who@" rsa2048 sign never 2>/dev/null; done
}
# NAME VERSION DEPENDS, the tree in $work/root
stamp() { date=$(($(cat /root/stamp 2>/dev/null || date +%s) + 1)); echo $date >/root/stamp; find $top/v$1 -type f -exec touch -d @$date {} +; }
package() {
  mkdir -p $work/root/DEBIAN
  printf 'Package: %s\nVersion: %s\nArchitecture: %s\nMaintainer: Kubernetes Authors <dev@kubernetes.io>\nDepends: %s\nSection: admin\nPriority: optional\nHomepage: https://kubernetes.io\nDescription: %s\n' $1 $2 $arch "$3" $1 >$work/root/DEBIAN/control
  dpkg-deb --root-owner-group -Zgzip -b $work/root $deb/$arch/$1_$2_$arch.deb >/dev/null
  rm -r $work/root
}
# PATH: a program, its text on stdin
program() { mkdir -p $work/root$(dirname $1); { echo '#!/bin/sh'; cat; } >$work/root$1; chmod 755 $work/root$1; }
publish() {
  deb=$top/v$1/deb; work=$(mktemp -d); minor=$1; shift
  mkdir -p $deb/$arch
  echo "echo crictl version v$minor.0" | program /usr/bin/crictl; package cri-tools $minor.0-1.1 'libc6'
  echo 'echo CNI bridge plugin v1.7.1' | program /opt/cni/bin/bridge; package kubernetes-cni 1.7.1-1.1 'libc6'
  for version; do
    echo "echo Kubernetes v$version" | program /usr/bin/kubelet
    mkdir -p $work/root/usr/lib/systemd/system
    printf '[Unit]\nDescription=kubelet: The Kubernetes Node Agent\n[Service]\nExecStart=/usr/bin/kubelet\nRestart=always\nRestartSec=10\n[Install]\nWantedBy=multi-user.target\n' >$work/root/usr/lib/systemd/system/kubelet.service
    package kubelet $version-1.1 'kubernetes-cni (>= 1.2.0)'
    program /usr/bin/kubeadm <<END
case \$1 in
  version) echo v$version ;;
  config) echo registry.k8s.io/kube-apiserver:v$version; echo registry.k8s.io/pause:3.10.1 ;;
esac
END
    package kubeadm $version-1.1 'cri-tools (>= 1.30.0)'
    echo "echo Client Version: v$version" | program /usr/bin/kubectl; package kubectl $version-1.1 'libc6'
  done
  rmdir $work
  index; sign $minor kubernetes
  rm -rf /root/published/v$minor; mkdir -p /root/published; cp -r $top/v$minor /root/published/
}
restore() { rm -r $top/v$1; cp -r /root/published/v$1 $top/; stamp $1; }
index() (
  cd $deb
  for file in $arch/*.deb; do
    dpkg-deb -f $file
    printf 'Filename: %s\nSize: %s\nSHA256: %s\n\n' $file $(stat -c %s $file) $(sha256sum <$file | cut -c -64)
  done >Packages
  gzip -9nkf Packages
)
sign() (
  cd $top/v$1/deb
  rm -f InRelease Release Release.gpg Release.key
  { printf 'Archive: deb\nCodename: deb\nOrigin: obs://build.opensuse.org/isv:kubernetes:core:stable:v%s/deb\nLabel: isv:kubernetes:core:stable:v%s\nArchitectures: %s\nDate: %s\nSHA256:\n' $1 $1 $arch "$(date -uR)"
    for file in Packages Packages.gz; do printf ' %s %s %s\n' $(sha256sum <$file | cut -c -64) $(stat -c %s $file) $file; done; } >Release
  if [ $2 = nobody ]; then stamp $1; return 0; fi
  gpg --batch --quiet --local-user $2@ --clearsign --output InRelease Release
  gpg --batch --quiet --local-user $2@ --armor --detach-sign --output Release.gpg Release
  gpg --armor --export $2@ >Release.key
  stamp $1
)
tamper() {
  case $2 in
    list) for file in $top/v$1/deb/Packages; do sed -i 's/Kubernetes Authors/Kubernetes AUTHORS/' $file; gzip -9nkf $file; done ;;
    *) for file in $top/v$1/deb/$arch/$2_*.deb; do printf X | dd of=$file bs=1 seek=$(($(stat -c %s $file) - 5)) conv=notrunc 2>/dev/null; done ;;
  esac
  stamp $1
}
requests() { sed -n 's/.*"\(GET [^ ]*\) [^"]*" \([0-9]*\) .*/\1 \2/p' /var/log/nginx/access.log; : >/var/log/nginx/access.log; }
`
