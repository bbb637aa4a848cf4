import { aptRepository, command, copy, file, handler, pkg, sh, systemdUnit, type Item } from 'ts-play'
import type { Bundle, Repository, Software } from '../outputs.ts'
import { kubeadmDropIn, kubeletUnit } from './kubelet-unit.ts'

/** A kubelet that is not running yet is started by kubeadm, once there is something to run with. */
const restartKubelet = handler('restart the kubelet', command({ name: 'restart the kubelet if it runs', onlyIf: sh`systemctl is-active kubelet`, run: sh`systemctl restart kubelet` }))

/** kubeadm, kubelet and kubectl of exactly one version, with the CNI plugins. */
export function kubernetesSoftware(software: Software, kubernetesVersion: string): Item[] {
  return software.from === 'repository' ? fromRepository(software, kubernetesVersion) : fromBundle(software)
}

/** The repository is per minor version. Held, because an `apt upgrade` would otherwise upgrade the cluster. */
function fromRepository({ uri, key, revision }: Repository, kubernetesVersion: string): Item[] {
  return [
    aptRepository({ name: 'kubernetes', uri, suite: '/', key: { content: key } }),
    pkg({ name: ['kubelet', 'kubeadm', 'kubectl'], version: `${kubernetesVersion.slice(1)}-${revision}`, hold: true }),
    crictlConfig,
  ]
}

/** What the packages would bring: the binaries, and the kubelet's unit as they ship it. */
function fromBundle(bundle: Bundle): Item[] {
  return [
    ...installed(bundle, 'bin', bundle.binaries, '/usr/bin'),
    ...installed(bundle, 'cni', bundle.plugins, '/opt/cni/bin'),
    systemdUnit({ name: 'kubelet', content: kubeletUnit }, { notify: [restartKubelet] }),
    systemdUnit({ name: 'kubelet', dropIn: '10-kubeadm', content: kubeadmDropIn }, { notify: [restartKubelet] }),
    ...(bundle.binaries.includes('crictl') ? [crictlConfig] : []),
  ]
}

const crictlConfig = file({
  path: '/etc/crictl.yaml',
  content: 'runtime-endpoint: unix:///run/containerd/containerd.sock\nimage-endpoint: unix:///run/containerd/containerd.sock\ntimeout: 30\n',
})

/** Files of a bundle: sent by hash over the connection, or taken from where the host has them already. */
function installed({ folder, mounted }: Bundle, from: 'bin' | 'cni', names: readonly string[], to: string): Item[] {
  if (mounted === undefined) return names.map(name => copy({ source: `${folder}/${from}/${name}`, path: `${to}/${name}`, mode: 0o755 }))
  const sources = names.map(name => `${mounted}/${from}/${name}`)
  return [
    command({
      name: `install ${names.join(', ')} from ${mounted}`,
      run: sh`install -m 755 -t ${to} ${sources}`,
      unless: sh`for file in ${sources}; do cmp "$file" ${to}/"\${file##*/}"; done`,
      looksAt: [...sources, ...names.map(name => `${to}/${name}`)],
    }),
  ]
}
