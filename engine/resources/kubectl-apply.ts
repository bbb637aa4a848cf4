import { absent, hidden, modifies, text, value, type Change } from '../model/change.ts'
import { sh, type Command } from '../model/command.ts'
import { resource } from '../model/resource.ts'
import { Secret } from '../model/secret.ts'
import { turnsBelow, turnsLook } from './turning.ts'

export interface KubectlApplySpec {
  /** What the manifest is: `flannel`. Unique on a host. */
  readonly name: string
  /** YAML or JSON, one or several objects; sent on stdin. The differences of a Secret are not shown. */
  readonly manifest: string | Secret<string>
  /** On the target; default /etc/kubernetes/admin.conf. */
  readonly kubeconfig?: string
  /** Instead of the kubeconfig's: `https://10.0.0.1:6443`. */
  readonly server?: string
  /** For objects that name none. */
  readonly namespace?: string
  /** Take over fields that another manager owns; default false: a conflict fails and names the manager. */
  readonly forceConflicts?: boolean
}

interface ObjectDifference {
  /** `apps.v1.Deployment.kube-system.coredns`, as kubectl names it. */
  readonly object: string
  readonly from: string
  readonly to: string
}
interface KubectlState {
  readonly differences: readonly ObjectDifference[]
  /** What kubectl said where it could not compare object by object: a namespace or kind of the manifest does not exist yet. */
  readonly missing: string | undefined
}

/**
 * Objects in Kubernetes by server-side apply, under the field manager `ts-play`. Objects that leave the manifest stay in the cluster.
 *
 * What differs is asked of the API server itself (`kubectl diff --server-side`, a dry run), so its defaults and webhooks are part of the answer.
 * Where the manifest brings its own namespace or custom resource definition, the server cannot tell yet: shown as one change, `objects`.
 * Without kubectl, kubeconfig or an answer of the API the probe fails (check mode: unknown).
 */
export const kubectlApply = resource<KubectlApplySpec, KubectlState>({
  kind: 'kubectl-apply',
  id: spec => spec.name,
  helpers: `
# tsp_kubectl_in COMMAND…: with the manifest from tsp_manifest on stdin; files only in a folder of our own
tsp_kubectl_in() {
  "$@" <<TSP_MANIFEST
$tsp_manifest
TSP_MANIFEST
}
tsp_kubectl_folder() {
  tsp_folder=$(mktemp -d /run/ts-play-kubectl.XXXXXX 2>/dev/null || mktemp -d)
  trap 'rm -rf "$tsp_folder"' EXIT
  trap 'exit 143' HUP INT TERM
  TMPDIR=$tsp_folder
  export TMPDIR
  unset KUBECTL_EXTERNAL_DIFF
  tsp_manifest=$(cat)
}
# The API server does not know yet what the manifest itself brings.
tsp_kubectl_not_yet() { case $1 in *'namespaces "'*'" not found'*|*'no matches for kind'*) ;; *) return 1 ;; esac; }
`,
  probe: spec => ({
    command: sh`set -eu
command -v kubectl >/dev/null || { echo 'no kubectl on this host' >&2; exit 1; }
[ -r ${kubeconfigOf(spec)} ] || { echo ${`${kubeconfigOf(spec)} is not there, or not readable for this user`} >&2; exit 1; }
tsp_kubectl_folder
tsp_status=0
tsp_kubectl_in ${kubectl(spec, 'diff')} >"$tsp_folder"/out 2>"$tsp_folder"/err || tsp_status=$?
case $tsp_status in
  0) echo same ;;
  1) echo differs; cat "$tsp_folder"/out ;;
  *) tsp_kubectl_not_yet "$(cat "$tsp_folder"/err)" || { cat "$tsp_folder"/err >&2; exit "$tsp_status"; }
     echo missing; cat "$tsp_folder"/err ;;
esac
`,
    stdin: spec.manifest,
  }),
  parse({ stdout }) {
    const [answer, ...lines] = stdout.split('\n')
    switch (answer) {
      case 'same':
        return { differences: [], missing: undefined }
      case 'differs': {
        const differences = differencesIn(lines)
        // A diff of another form is a difference all the same.
        return { differences, missing: differences.length === 0 ? lines.join('\n').trim() : undefined }
      }
      case 'missing':
        return { differences: [], missing: lines.join('\n').trim() }
      default:
        throw new Error(`expected same, differs or missing, got ${JSON.stringify(answer)}`)
    }
  },
  plan({ spec, state: { differences, missing } }) {
    const secret = spec.manifest instanceof Secret
    const changes: Change[] = missing === undefined ? [] : [modifies('objects', value(secret ? 'not all kinds and namespaces exist' : missing), value('applied'))]
    for (const { object, from, to } of differences) {
      changes.push(secret ? modifies(object, from === '' ? absent : hidden, hidden) : modifies(object, from === '' ? absent : text(from), to === '' ? absent : text(to)))
    }
    return changes
  },
  // Files of this host are nothing to the API server, but those that it is made of; another manifest may bring a webhook or a kind.
  turnedBy: ({ spec }, effect) => turnsLook(effect, kubeconfigOf(spec)) || turnsBelow(effect, '/etc/kubernetes'),
  apply: ({ spec }) => ({
    // Kinds and namespaces of the manifest itself take a moment to be served.
    command: sh`set -eu
tsp_kubectl_folder
tsp_tries=0
until tsp_said=$(tsp_kubectl_in ${kubectl(spec, 'apply')} 2>&1); do
  if [ "$tsp_tries" -ge 15 ] || ! tsp_kubectl_not_yet "$tsp_said"; then printf '%s\\n' "$tsp_said" >&2; exit 1; fi
  tsp_tries=$((tsp_tries + 1))
  sleep 2
done
printf '%s\\n' "$tsp_said"
`,
    stdin: spec.manifest,
  }),
  killable: true,
})

function kubectl(spec: KubectlApplySpec, verb: 'diff' | 'apply'): Command {
  const options = [
    `--kubeconfig=${kubeconfigOf(spec)}`,
    ...(spec.server === undefined ? [] : [`--server=${spec.server}`]),
    ...(spec.namespace === undefined ? [] : [`--namespace=${spec.namespace}`]),
    ...(spec.forceConflicts === true ? ['--force-conflicts'] : []),
  ]
  return sh`kubectl --cache-dir="$tsp_folder"/cache ${verb} ${options} --server-side --field-manager=ts-play -f -`
}

function kubeconfigOf({ kubeconfig = '/etc/kubernetes/admin.conf' }: KubectlApplySpec): string {
  return kubeconfig
}

/** Both sides of each object out of the unified diff, cut down to its hunks. A hunk's header says how many lines are its own, whatever they look like. */
function differencesIn(lines: readonly string[]): readonly ObjectDifference[] {
  const found: { object: string; from: string[]; to: string[] }[] = []
  let old = 0
  let fresh = 0
  for (const line of lines) {
    const last = found.at(-1)
    const hunk = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(line)
    if (last !== undefined && (old > 0 || fresh > 0)) {
      if (line.startsWith('-') || line.startsWith(' ')) { last.from.push(line.slice(1)); old-- }
      if (line.startsWith('+') || line.startsWith(' ')) { last.to.push(line.slice(1)); fresh-- }
    } else if (hunk !== null) {
      old = Number(hunk[1] ?? 1)
      fresh = Number(hunk[2] ?? 1)
    } else {
      const header = /^\+\+\+ .*\/MERGED-\d+\/([^\s/]+)/.exec(line)
      if (header?.[1] !== undefined) found.push({ object: header[1], from: [], to: [] })
    }
  }
  // The generation counts changes of the object: every diff would show it.
  const joined = (side: readonly string[]): string => side.filter(line => !/^  generation: \d+$/.test(line)).map(line => `${line}\n`).join('')
  return found.map(({ object, from, to }) => ({ object, from: joined(from), to: joined(to) }))
}
