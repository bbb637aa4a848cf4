import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openLab, type Lab } from './lab.ts'
import { requireLab } from './require-lab.ts'
import { inventoryOf, tsPlay, type TsPlay } from './support/ts-play.ts'

const PLAYBOOK = fileURLToPath(new URL('../../playbooks/ha.ts', import.meta.url))

/**
 * A repository laid out and signed as pkgs.k8s.io is: flat, per minor version, packages of one revision each. What the packages bring are scripts
 * that say what the real programs say, for what is tested is how they are found, pinned and held.
 */
const REPOSITORY = String.raw`set -eu
export GNUPGHOME=/root/gpg
mkdir -m 700 /root/gpg
for who in good bad; do gpg --batch --quiet --passphrase '' --quick-gen-key $who@lab rsa2048 sign never 2>/dev/null; gpg --armor --export $who@lab >/root/$who.asc; done
repo=/srv/core:/stable:/v1.34/deb
mkdir -p $repo/amd64
package() { # NAME VERSION DEPENDS
  mkdir -p /root/deb/DEBIAN
  printf 'Package: %s\nVersion: %s\nArchitecture: amd64\nMaintainer: lab <lab@lab>\nDescription: %s\n' $1 $2 $1 >/root/deb/DEBIAN/control
  [ -z "$3" ] || echo "Depends: $3" >>/root/deb/DEBIAN/control
  dpkg-deb --root-owner-group -b /root/deb "$repo/amd64/$1_$2_amd64.deb" >/dev/null
  rm -rf /root/deb
}
program() { # NAME, script on stdin
  mkdir -p /root/deb/usr/bin
  cat >/root/deb/usr/bin/$1
  chmod 755 /root/deb/usr/bin/$1
}
for patch in 9 10 11; do
  mkdir -p /root/deb/opt/cni/bin && : >/root/deb/opt/cni/bin/bridge && package kubernetes-cni 1.7.1-$patch ''
  printf '#!/bin/sh\necho Kubernetes v1.34.%s\n' $patch | program kubelet
  mkdir -p /root/deb/usr/lib/systemd/system
  printf '[Service]\nExecStart=/usr/bin/kubelet\n[Install]\nWantedBy=multi-user.target\n' >/root/deb/usr/lib/systemd/system/kubelet.service
  package kubelet 1.34.$patch-1.1 'kubernetes-cni (>= 1.2.0)'
  printf '#!/bin/sh\ncase $1 in version) echo v1.34.%s ;; config) echo registry.k8s.io/pause:3.10.1 ;; esac\n' $patch | program kubeadm
  package kubeadm 1.34.$patch-1.1 ''
  printf '#!/bin/sh\n' | program kubectl
  package kubectl 1.34.$patch-1.1 ''
done
cd $repo
for deb in amd64/*.deb; do dpkg-deb -f $deb; printf 'Filename: %s\nSize: %s\nSHA256: %s\n\n' $deb $(stat -c %s $deb) $(sha256sum <$deb | cut -d' ' -f1); done >Packages
printf 'Date: %s\nSHA256:\n %s %s Packages\n' "$(date -Ru)" $(sha256sum <Packages | cut -d' ' -f1) $(stat -c %s Packages) >Release
gpg --batch -u good@lab --clearsign -o InRelease Release
chmod -R a+rX /srv
`

describe.skipIf(requireLab())('Kubernetes from a package repository', () => {
  let lab: Lab
  let play: TsPlay
  const words = async (key: string): Promise<readonly string[]> => {
    const vars = {
      endpoint: `{ strategy: haproxy+keepalived, name: api.lab, vip: ${lab.address('w1').replace(/\.\d+$/, '.100')} }`,
      kubernetesVersion: 'v1.34.10',
      software: `{ from: repository, uri: 'file:/srv/core:/stable:/v1.34/deb/', keyring: ${join(play.folder, `${key}.asc`)} }`,
      containerd: '{ restrictOomScoreAdj: true }',
      inotifyInstances: '128',
      sharedProductUuid: 'true',
    }
    const inventory = await play.write(`${key}.yaml`, inventoryOf(lab, { lb: [], masters: [], workers: ['w1'] }, vars))
    return [PLAYBOOK, '-i', inventory, '--tags', 'prereqs', '--skip-tags', 'endpoint', '--limit', 'w1']
  }
  const on = async (command: string): Promise<string> => (await lab.exec('w1', command)).stdout

  beforeAll(async () => {
    lab = await openLab()
    await lab.up('w1')
    play = await tsPlay(lab)
    const made = await lab.exec('w1', REPOSITORY)
    if (made.code !== 0) throw new Error(made.stderr)
    for (const key of ['good', 'bad']) await play.write(`${key}.asc`, await on(`cat /root/${key}.asc`))
  })
  afterAll(async () => {
    await play?.[Symbol.asyncDispose]()
    await lab?.down()
  })

  test('another key than its own is refused, and nothing is installed from it', async () => {
    const refused = await play.run(await words('bad'))
    expect(refused.code).toBe(1)
    expect(refused.stdout).toContain('NO_PUBKEY')
    expect(await on('command -v kubelet; ls /etc/apt/sources.list.d /etc/apt/keyrings | grep kubernetes')).toBe('')
  })

  test('exactly the wanted version is installed and held; the next run changes nothing', async () => {
    const ran = await play.run(await words('good'))
    expect(ran.code, ran.stdout + ran.stderr).toBe(0)
    expect(await on("dpkg-query -W -f '${Package} ${Version}\\n' kubeadm kubectl kubelet; apt-mark showhold")).toBe('kubeadm 1.34.10-1.1\nkubectl 1.34.10-1.1\nkubelet 1.34.10-1.1\nkubeadm\nkubectl\nkubelet\n')
    expect(await on('systemctl is-enabled kubelet; cat /etc/crictl.yaml | head -n 1; containerd config dump | grep -c "SystemdCgroup = true"')).toBe('enabled\nruntime-endpoint: unix:///run/containerd/containerd.sock\n1\n')
    const again = await play.run(await words('good'))
    expect([again.code, again.hosts.find(({ host }) => host === 'w1')?.changed]).toEqual([0, 0])
  })

  test('apt upgrades past it only when told so', async () => {
    expect(await on('apt-get -qq update && apt-get -qqy upgrade >/dev/null 2>&1; kubelet --version')).toBe('Kubernetes v1.34.10\n')
  })
})
