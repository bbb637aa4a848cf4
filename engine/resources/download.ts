import { raw, sh, type Command } from '../model/command.ts'
import { resource } from '../model/resource.ts'
import { managed, type Attributes } from './attributes.ts'
import { mendsInPlace } from './file-probe.ts'
import { namedPath } from './path.ts'
import { parsePathState, type PathState } from './path-state.ts'
import { dressed, fileShell, staged } from './staged-file.ts'
import { planSum, probeSum, sha256Digits } from './summed-file.ts'
import { onPath, turnsFile } from './turning.ts'

/** A file that the target gets by itself. */
export interface DownloadSpec extends Attributes {
  /** `http:` or `https:`, without a password: it would be seen in the target's list of processes. */
  readonly url: string
  /** Absolute path on the target. */
  readonly path: string
  /** SHA-256 of the whole file, 64 hexadecimal digits. It decides whether anything has to be done, so a download that is there is never repeated. */
  readonly sha256: string
  /** Default 0o644. */
  readonly mode?: number
  /** Default: as it is; for a new file the user the task runs as. */
  readonly owner?: string | number
  readonly group?: string | number
}

const DEFAULT_MODE = 0o644

/**
 * A file from the web, got by the target's own curl or wget, whichever is there. Redirections are followed. It has its name only after its sum was
 * found right; otherwise the task fails with the sum expected and the sum got, and the old file stays. A proxy is set by the task's `environment`
 * (`https_proxy`).
 *
 * A server that sends nothing for 60 s (GNU wget: 20 s) ends the attempt; the whole has the task's timeout, 10 minutes by default. How the file is put in
 * place, and what is refused, is as for `file`. Check mode reads only, and does not ask the server. Sources: curl(1), wget(1).
 *
 * @throws TypeError when url, sum, path, mode or owner is none.
 */
export const download = resource<DownloadSpec, PathState>({
  kind: 'download',
  id: spec => namedPath(spec.path).whole,
  helpers: fileShell,

  probe(spec) {
    checkUrl(spec.url)
    sha256Digits(spec.sha256)
    return probeSum(spec)
  },

  parse: output => parsePathState(output.stdout),

  plan: ({ spec, state }) => planSum(spec, { state, sum: sha256Digits(spec.sha256), mode: DEFAULT_MODE }),

  effects: ({ path }) => onPath(path),
  turnedBy: ({ spec, state }, effect) => turnsFile(effect, spec, state),

  apply({ spec, state, changes }) {
    const target = namedPath(spec.path)
    const attributes = managed(spec, DEFAULT_MODE)
    if (mendsInPlace(state, changes)) return dressed({ target, attributes })
    return staged({ target, found: state, attributes }, fetching({ url: spec.url, sha256: sha256Digits(spec.sha256), here: `./${target.name}` }))
  },
})

function checkUrl(url: string): void {
  const parsed = URL.parse(url)
  if (!parsed || !/^https?:$/.test(parsed.protocol)) throw new TypeError(`url must begin with http:// or https://, got ${JSON.stringify(url)}`)
  if (parsed.username || parsed.password) throw new TypeError('url must not hold a user name or password: every user of the target could see it')
}

function fetching({ url, sha256, here }: { url: string; sha256: string; here: string }): Command {
  // GNU wget says nothing of its errors when quiet, and busybox knows no other way to be brief: so the status is told. The wget of busybox 1.35
  // crashes in some answers when it is given -T; there the task's own timeout has to do.
  return sh`if command -v curl >/dev/null 2>&1; then
  curl -fsSLg --proto =http,https --connect-timeout 20 --speed-limit 1 --speed-time 60 --retry 2 -o ${here} --url ${url}
elif command -v wget >/dev/null 2>&1; then
  case $(wget --version 2>/dev/null) in GNU*) set -- -T 20 -t 3 ;; *) set -- ;; esac
  wget -q "$@" -O ${here} ${url} || tsp_refuse "wget ended with status $?: "${url}" was not got"
else
  tsp_refuse "neither curl nor wget is there to get "${url}". Bring one about before this task: pkg({ name: 'curl' })"
fi
tsp_sum=$(sha256sum <${here})
[ "${raw('${tsp_sum%% *}')}" = ${sha256} ] || tsp_refuse ${url}" is not the file that was meant: expected sha256 "${sha256}", got ${raw('${tsp_sum%% *}')}"`
}
