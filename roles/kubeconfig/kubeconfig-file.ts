import { X509Certificate } from 'node:crypto'
import { absent, hidden, modifies, resource, sh, value, type Change, type Secret } from 'ts-play'
import { caHash } from '../kubernetes/evidence.ts'

export interface KubeconfigFile {
  /** Absolute path on the controller. */
  readonly path: string
  readonly content: Secret<string>
  /** https://HOST:PORT in `content`. */
  readonly server: string
  /** CA of the cluster that `content` leads to. */
  readonly ca: string
}

interface Found {
  readonly exists: boolean
  readonly mode: string
  readonly server: string
  readonly ca: string | undefined
  /** Seconds until the client certificate expires. */
  readonly left: number
}

/** A certificate that expires sooner is replaced: the next run may be too late. */
const renewBefore = 30 * 86_400

/**
 * A kubeconfig on the controller that leads into its cluster. One that does already is left as it is: every control plane has an administrator's
 * certificate of its own, and which of them serves a run may change. One of another cluster is not overwritten: taking it away is a
 * `destroys` change, because credentials that cannot be had again are data, too.
 */
export const kubeconfigFile = resource<KubeconfigFile, Found>({
  kind: 'kubeconfig',
  id: spec => spec.path,
  probe: spec => sh`
    if [ -e ${spec.path} ]; then echo "mode=$(stat -c %a ${spec.path})"; fi
    echo "now=$(date +%s)"
    field() { sed -n "s/^ *- *$1: *//p; s/^ *$1: *//p" ${spec.path} 2>/dev/null | head -n 1; }
    echo "server=$(field server)"
    echo "ca=$(field certificate-authority-data)"
    echo "client=$(field client-certificate-data)"`,
  parse: ({ stdout }) => parseFound(stdout),
  plan({ spec, state }) {
    if (!state.exists) return [modifies('content', absent, hidden), modifies('mode', absent, value('600'))]
    if (state.ca !== spec.ca) return [...another(spec, state), modifies('content', hidden, hidden)]
    const changes: Change[] = []
    if (state.server !== spec.server) changes.push(modifies('server', value(state.server), value(spec.server)))
    if (state.left < renewBefore) changes.push(modifies('certificate', value(`expires in ${Math.floor(state.left / 86_400)} days`), value('new')))
    if (state.mode !== '600') changes.push(modifies('mode', value(state.mode), value('600')))
    return changes
  },
  effects: ({ path }) => [{ type: 'path', path, part: 'name' }],
  turnedBy: ({ spec }, effect) => effect.type === 'path' && effect.path === spec.path,
  apply: ({ spec }) => ({
    command: sh`set -eu
umask 077
cat >${spec.path}.new
mv -f ${spec.path}.new ${spec.path}`,
    stdin: spec.content,
  }),
})

function another({ path }: KubeconfigFile, { ca }: Found): Change[] {
  return [{ effect: 'destroys', attribute: 'credentials of another cluster', from: value(ca ?? 'no kubeconfig'), to: absent, permitted: false, because: `${path} leads into a cluster with another CA` }]
}

export function parseFound(stdout: string): Found {
  const of = (key: string): string => stdout.split('\n').find(line => line.startsWith(`${key}=`))?.slice(key.length + 1).trim() ?? ''
  const certificate = (key: string): X509Certificate | undefined => {
    try {
      return new X509Certificate(Buffer.from(of(key), 'base64'))
    } catch {
      return undefined
    }
  }
  const ca = certificate('ca')
  const client = certificate('client')
  return {
    exists: of('mode') !== '',
    mode: of('mode'),
    server: of('server').replaceAll('"', ''),
    ca: ca && caHash(ca),
    left: client === undefined ? 0 : Math.round(Date.parse(client.validTo) / 1000) - Number(of('now')),
  }
}
