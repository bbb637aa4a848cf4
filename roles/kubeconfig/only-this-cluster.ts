import { X509Certificate } from 'node:crypto'
import { absent, resource, sh, value } from 'ts-play'
import { caHash } from '../kubernetes/evidence.ts'

interface Guard {
  readonly path: string
  /** CA of the cluster that may write there. */
  readonly ca: string
}

/**
 * Keeps a kubeconfig of another cluster from being overwritten: taking it away is a `destroys` change, which needs `--allow-destroy`.
 * Credentials that cannot be had again are data, too.
 */
export const onlyThisCluster = resource<Guard, string | undefined>({
  kind: 'kubeconfig-guard',
  id: spec => spec.path,
  probe: spec => sh`sed -n 's/^ *certificate-authority-data: *//p' ${spec.path} 2>/dev/null | head -n 1; [ ! -s ${spec.path} ] || echo exists`,
  parse: ({ stdout }) => (stdout.includes('exists') ? caOf(stdout.split('\n')[0] ?? '') : undefined),
  plan: ({ spec, state }) =>
    state === undefined || state === spec.ca
      ? []
      : [{ effect: 'destroys', attribute: 'credentials of another cluster', from: value(state), to: absent, permitted: false, because: `${spec.path} is the way into a cluster with another CA` }],
  apply: ({ spec }) => sh`rm -f ${spec.path}`,
})

function caOf(data: string): string {
  try {
    return caHash(new X509Certificate(Buffer.from(data, 'base64')))
  } catch {
    return 'not a kubeconfig'
  }
}
