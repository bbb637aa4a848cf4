/** What one host says about everything that can be ill on it. Raw: what is wrong with it is judged by `verify`, which sees all hosts. */
export interface Health {
  readonly units: ReadonlyMap<string, string>
  readonly swap: boolean
  /** What `/readyz` answered at the endpoint: `ok`, or why not. */
  readonly endpoint: string
  readonly holdsVip: boolean
  readonly node: NodeHealth | undefined
  /** `undefined`: no timer takes backups here. */
  readonly backup: BackupHealth | undefined
  /** `undefined`: the host is no control plane. */
  readonly controlPlane: ControlPlaneHealth | undefined
  /** `undefined`: no member of external etcd belongs here. */
  readonly externalEtcd: ExternalEtcdHealth | undefined
}

export interface ExternalEtcdHealth {
  readonly certificates: ControlPlaneHealth['certificates']
  /** `undefined`: it did not answer. */
  readonly etcd: EtcdHealth | undefined
}

export interface BackupHealth {
  /** What systemd says of the last run. */
  readonly lastRun: 'ok' | 'failed'
  /** Seconds since the newest backup was taken that lies here, and that has a copy off the host; `undefined`: there is none. */
  readonly age: number | undefined
  readonly storedAge: number | undefined
  /** The kind of store that this copy is in. */
  readonly storedIn: string | undefined
}

export interface NodeHealth {
  readonly ready: boolean
  readonly address: string
  readonly version: string
  /** What kubectl said when the node could not be asked for. */
  readonly problem: string | undefined
}

export interface ControlPlaneHealth {
  /** `ok`, or what came instead. */
  readonly apiServer: string
  readonly scheduler: string
  readonly controllerManager: string
  /** Manifests that still mount the credentials that are for `kubeadm init` only. */
  readonly superAdmin: readonly string[]
  /** kubeadm's uploaded certificate authorities, which live two hours and should not. */
  readonly uploadedCertificates: boolean
  /** Seconds left by the host's own clock. */
  readonly certificates: readonly { readonly file: string; readonly left: number }[]
  readonly nodes: readonly { readonly name: string; readonly ready: boolean; readonly version: string }[]
  readonly workloads: readonly { readonly namespace: string; readonly kind: string; readonly name: string; readonly wanted: number; readonly available: number }[]
  /** `undefined`: etcd is not stacked, or did not answer. */
  readonly etcd: EtcdHealth | undefined
}

export interface EtcdHealth {
  readonly members: readonly EtcdMember[]
  readonly alarms: readonly string[]
}

export interface EtcdMember {
  readonly id: string
  readonly name: string
  readonly learner: boolean
  readonly healthy: boolean
  /** Whom it takes for the leader; `undefined` when it did not answer. */
  readonly leader: string | undefined
  /** Bytes. */
  readonly size: number | undefined
}
