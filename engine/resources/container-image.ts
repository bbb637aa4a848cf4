import { absent, modifies, value } from '../model/change.ts'
import { raw, sh, type Command } from '../model/command.ts'
import { resource } from '../model/resource.ts'
import { targetPath } from './path.ts'

export interface ContainerImageSpec {
  /** One or several full references: `registry.k8s.io/pause:3.10`, `docker.io/library/busybox:1.36`. Several share one archive. */
  readonly reference: string | readonly string[]
  /** An OCI or docker archive with the images: a file on the controller, streamed to the host, or one that is on the target. Default: pulled. */
  readonly archive?: { readonly file: string } | { readonly remote: string }
  /** containerd's namespace; default `k8s.io`, where kubelet looks. */
  readonly namespace?: string
  /** containerd's socket; default is ctr's own, /run/containerd/containerd.sock. */
  readonly address?: string
}

interface ImageState {
  readonly present: ReadonlySet<string>
}

/**
 * Images in containerd's store, by reference.
 *
 * Verified by the reference; a tag that moved at its registry is not noticed, so name a digest where that matters. Pulling uses
 * /etc/containerd/certs.d where it exists, as the CRI plugin does. The archive may hold more images; one that lacks a reference fails.
 * Without a running containerd the probe fails (check mode: unknown).
 *
 * @throws TypeError for a short reference: containerd would not find under that name what it stores under a full one
 */
export const containerImage = resource<ContainerImageSpec, ImageState>({
  kind: 'container-image',
  id: spec => referencesOf(spec).join(' '),
  probe: spec => sh`set -eu\n${ctr(spec)} images ls -q ${referencesOf(spec).map(reference => `name==${JSON.stringify(reference)}`)}\n`,
  parse: ({ stdout }) => ({ present: new Set(stdout.split('\n').filter(line => line !== '')) }),
  plan: ({ spec, state }) => referencesOf(spec).filter(reference => !state.present.has(reference)).map(reference => modifies(reference, absent, value('present'))),
  turnedBy: () => false,
  apply({ spec, source, changes }) {
    const missing = changes.map(change => change.attribute)
    const { archive } = spec
    if (archive === undefined) {
      const hosts = sh`$(if [ -d /etc/containerd/certs.d ]; then echo --hosts-dir /etc/containerd/certs.d; fi)`
      return sh`set -eu\n${raw(missing.map(reference => sh`${ctr(spec)} images pull ${hosts} ${reference} >/dev/null\n`.text).join(''))}`
    }
    const path = 'file' in archive ? '-' : targetPath(archive.remote).whole
    // An archive with another tag imports without an error, and nobody would say what it does hold.
    const script = sh`set -eu
tsp_imported=$(${ctr(spec)} images import ${path})
for tsp_reference in ${missing}; do
  [ -n "$(${ctr(spec)} images ls -q name=="\\"$tsp_reference\\"")" ] || { printf '%s is not in the archive, which holds:\\n%s\\n' "$tsp_reference" "$tsp_imported" >&2; exit 1; }
done
`
    return 'file' in archive ? { command: script, stdin: source(archive.file) } : script
  },
  sources: ({ archive }) => (archive !== undefined && 'file' in archive ? [archive.file] : []),
  deadline: () => 1_800_000,
  killable: true,
})

function ctr({ namespace = 'k8s.io', address }: ContainerImageSpec): Command {
  return address === undefined ? sh`ctr -n ${namespace}` : sh`ctr -a ${address} -n ${namespace}`
}

/** The grammar of github.com/distribution/reference, the registry being required as containerd stores it. */
function referencesOf({ reference }: ContainerImageSpec): readonly string[] {
  const references = typeof reference === 'string' ? [reference] : reference
  const wrong = references.find(each => !/^([a-zA-Z0-9-]+[.:][a-zA-Z0-9.:-]+|localhost)(\/[a-z0-9._-]+)+(:[\w][\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$/.test(each) || !/[:@][^/]+$/.test(each))
  if (wrong !== undefined || references.length === 0) throw new TypeError(`${JSON.stringify(wrong ?? references)} is no full image reference (registry/name:tag or @digest)`)
  return references
}
