/** An installed containerd, by the two numbers that decide what its configuration looks like. */
export interface ContainerdVersion {
  readonly major: number
  readonly minor: number
}

/** `containerd containerd.io 1.7.12 3a4de45…` and Debian's `containerd github.com/containerd/containerd 1.6.20~ds1 …`. */
export function parseContainerdVersion(stdout: string): ContainerdVersion | 'absent' {
  const match = /^containerd\s+\S+\s+v?(\d+)\.(\d+)/m.exec(stdout)
  return match?.[1] === undefined || match[2] === undefined ? 'absent' : { major: Number(match[1]), minor: Number(match[2]) }
}

export interface ContainerdSettings {
  /** The `pause` image that the installed kubeadm expects; another one is pulled at the worst moment, or not at all without a network. */
  readonly sandboxImage: string
  /**
   * For hosts without CAP_SYS_RESOURCE (containers, some virtual private servers): pods ask for a negative oom_score_adj, and without the
   * right to lower it runc dies with "can't get final child's PID from pipe: EOF", which says nothing of it.
   */
  readonly restrictOomScoreAdj: boolean
}

/**
 * containerd's configuration for Kubernetes, in the format of the installed version. The formats have other names for the same settings, and names of
 * another format are ignored in silence: so the role asks `containerd config dump` afterwards what took effect.
 *
 * - 1.x: version 2. 2.0 to 2.2: version 3. From 2.3: version 4, whose CRI settings are named as in 3.
 * - `SystemdCgroup`: with two managers of one cgroup tree, pods are killed for no visible reason.
 * - `bin_dir`: Debian's own default is a folder that its package does not make. Since 2.1 it is a list of another name.
 *
 * @see https://github.com/containerd/containerd/blob/main/docs/cri/config.md
 */
export function containerdConfig({ major, minor }: ContainerdVersion, settings: ContainerdSettings): string {
  return major < 2 ? version2(settings) : latest(minor < 3 && major === 2 ? 3 : 4, settings)
}

const heading = '# Written by ts-play; changes are overwritten.'

function version2({ sandboxImage, restrictOomScoreAdj }: ContainerdSettings): string {
  return `${heading}
version = 2

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${sandboxImage}"
  restrict_oom_score_adj = ${restrictOomScoreAdj}

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/opt/cni/bin"
  conf_dir = "/etc/cni/net.d"

[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = "/etc/containerd/certs.d"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  SystemdCgroup = true
`
}

function latest(version: 3 | 4, { sandboxImage, restrictOomScoreAdj }: ContainerdSettings): string {
  return `${heading}
version = ${version}

[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "${sandboxImage}"

[plugins."io.containerd.cri.v1.images".registry]
  config_path = "/etc/containerd/certs.d"

[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = ${restrictOomScoreAdj}

[plugins."io.containerd.cri.v1.runtime".cni]
  ${version === 3 ? 'bin_dir = "/opt/cni/bin"' : 'bin_dirs = ["/opt/cni/bin"]'}
  conf_dir = "/etc/cni/net.d"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
  SystemdCgroup = true
`
}
