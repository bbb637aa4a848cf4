import { createHash } from 'node:crypto'
import { absent, modifies, text, value, type Change, type Shown } from '../model/change.ts'
import { sh } from '../model/command.ts'
import { resource } from '../model/resource.ts'
import type { SourceFile } from '../model/session.ts'
import { aptHelpers } from './apt.ts'
import { keyLabel, keyringOf, keyText, listOf, sourcesText, type AptRepositorySpec } from './apt-repository-spec.ts'
import { turnsPath } from './turning.ts'

interface RepositoryState {
  /** Text of the .sources file, and permission bits of both files; undefined when missing. */
  readonly sources: string | undefined
  readonly sourcesMode: string
  readonly keyHash: string | undefined
  readonly keyMode: string
}

/**
 * A repository of apt with a key of its own (sources.list(5), deb822 style; apt >= 1.4).
 *
 * The new source is tried in a folder of its own first, for this repository alone, and then beside the host's other sources: only when apt has
 * fetched its lists, found them signed by the key and can read all sources together do both files get their names. Otherwise the task fails with
 * what apt said, and the host is as before.
 * Check mode compares the files; whether the signature is good is known only in a run.
 *
 * @throws TypeError for a name, URI, suite or component that a .sources file cannot hold
 */
export const aptRepository = resource<AptRepositorySpec, RepositoryState>({
  kind: 'apt-repository',
  id: spec => spec.name,
  helpers: aptHelpers,
  probe: spec => sh`set -eu
command -v apt-get >/dev/null || { echo 'no apt on this host: repositories are managed on Debian and Ubuntu only' >&2; exit 1; }
tsp_facts() { if [ -f "$1" ]; then stat -c '%a:%u:%g' "$1"; else echo absent; fi; }
tsp_facts ${keyringOf(spec)}
if [ -f ${keyringOf(spec)} ]; then sha256sum <${keyringOf(spec)}; else echo absent; fi
tsp_facts ${listOf(spec)}
if [ -f ${listOf(spec)} ]; then cat ${listOf(spec)}; fi
`,
  parse({ stdout }) {
    const [keyMode = '', hash = '', sourcesMode] = stdout.split('\n', 3)
    if (sourcesMode === undefined) throw new Error('expected attributes of the key, its hash and attributes of the list')
    const sources = stdout.slice(keyMode.length + hash.length + sourcesMode.length + 3)
    return { keyMode, keyHash: keyMode === 'absent' ? undefined : hash.slice(0, 64), sourcesMode, sources: sourcesMode === 'absent' ? undefined : sources }
  },
  plan({ spec, state, source }) {
    const wanted = sourcesText(spec, keyringOf(spec))
    const hash = 'file' in spec.key ? source(spec.key.file).sha256 : sha256(keyText(spec.key.content))
    const changes: Change[] = []
    const short = (sum: string | undefined): Shown => (sum === undefined ? absent : value(`sha256:${sum.slice(0, 16)}`))
    const mode = (is: string): Shown => (is === 'absent' ? absent : value(is))
    if (state.keyHash !== hash) changes.push(modifies('key', short(state.keyHash), short(hash)))
    if (state.keyMode !== OWN) changes.push(modifies('key mode', mode(state.keyMode), value(OWN)))
    if (state.sources !== wanted) changes.push(modifies('sources', state.sources === undefined ? absent : text(state.sources), text(wanted)))
    if (state.sourcesMode !== OWN) changes.push(modifies('sources mode', mode(state.sourcesMode), value(OWN)))
    return changes
  },
  turnedBy: ({ spec }, effect) => turnsPath(effect, keyringOf(spec)) || turnsPath(effect, listOf(spec)),
  apply({ spec, source }) {
    const keyring = keyringOf(spec)
    const payload: string | SourceFile = 'file' in spec.key ? source(spec.key.file) : keyText(spec.key.content)
    const name = keyring.slice(keyring.lastIndexOf('/') + 1)
    // Beside their places, so that a rename is all that is left to do; readable for _apt, as which apt reads keys.
    return {
      command: sh`set -eu
umask 022
mkdir -p /etc/apt/keyrings /etc/apt/sources.list.d
tsp_trial=/etc/apt/keyrings/.ts-play-${spec.name}
rm -rf "$tsp_trial"
trap 'rm -rf "$tsp_trial"' EXIT
trap 'exit 143' HUP INT TERM
mkdir "$tsp_trial"
cat >"$tsp_trial"/${name}
case ${name} in
  *.asc) grep -q 'BEGIN PGP PUBLIC KEY BLOCK' "$tsp_trial"/${name} || { echo ${`the key of ${spec.name} is no armored PGP public key`} >&2; exit 1; } ;;
  *) ! grep -q 'BEGIN PGP' "$tsp_trial"/${name} || { echo ${`the key of ${spec.name} is armored: let its file end in .asc`} >&2; exit 1; } ;;
esac
printf '%s' ${sourcesText(spec, `/etc/apt/keyrings/.ts-play-${spec.name}/${name}`)} >"$tsp_trial"/trial.sources
tsp_apt_update -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$tsp_trial" -o APT::Get::List-Cleanup=false || {
  tsp_signer=$(printf '%s\\n' "$tsp_said" | sed -n 's/.*\\(NO_PUBKEY\\|EXPKEYSIG\\|REVKEYSIG\\|BADSIG\\) \\([0-9A-F]*\\).*/\\2/p' | head -n 1)
  case $tsp_said in
    *NO_PUBKEY*) tsp_why="it is signed by key $tsp_signer, and not by "${keyLabel(spec)} ;;
    *EXPKEYSIG*|*KEYEXPIRED*) tsp_why=${`its key has expired (${keyLabel(spec)}): get the prolonged one`} ;;
    *REVKEYSIG*) tsp_why=${`its key was revoked (${keyLabel(spec)})`} ;;
    *BADSIG*|*'Hash Sum mismatch'*|*'unexpected size'*) tsp_why='what it serves is not what was signed: it was changed on the way, or a mirror is in the middle of an update' ;;
    *' is not signed'*|*' no longer signed'*|*NODATA*) tsp_why=${`it is not signed, and should be by ${keyLabel(spec)}`} ;;
    *) tsp_why=$(tsp_apt_cause "$tsp_said") ;;
  esac
  printf '%s\\n' ${`the repository ${spec.name} (${spec.uri}) was not added: `}"$tsp_why" >&2
  exit 1
}
printf '%s' ${sourcesText(spec, keyring)} >"$tsp_trial"/final
# Two entries for one repository with different keys, and apt does nothing at all any more.
mkdir "$tsp_trial"/all
for tsp_file in /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do [ ! -f "$tsp_file" ] || cp "$tsp_file" "$tsp_trial"/all/; done
cp "$tsp_trial"/final "$tsp_trial"/all/${spec.name}.sources
tsp_said=$(apt-get -o Dir::Etc::SourceParts="$tsp_trial"/all indextargets 2>&1 >/dev/null) || {
  tsp_others=$(cd /etc/apt && grep -lsF -- ${spec.uri.replace(/\/+$/, '')} sources.list sources.list.d/*.list sources.list.d/*.sources | grep -vxF -- sources.list.d/${spec.name}.sources | sed 's,^,/etc/apt/,' | tr '\\n' ' ')
  printf '%s\\n' "$tsp_said" ${`the repository ${spec.name} (${spec.uri}) was not added: apt could not read its sources with it: `}"$(tsp_apt_cause "$tsp_said")\${tsp_others:+ (take the other entry away: \${tsp_others% })}" >&2
  exit 1
}
rm -r "$tsp_trial"/all
chown 0:0 "$tsp_trial"/*
chmod 0644 "$tsp_trial"/*
mv -f "$tsp_trial"/${name} ${keyring}
mv -f "$tsp_trial"/final ${listOf(spec)}
`,
      stdin: payload,
    }
  },
  sources: ({ key }) => ('file' in key ? [key.file] : []),
})

const OWN = '644:0:0'

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}
