import { assert, directory, file, secret, sh, stage, fact, type Command, type Item, type Secret } from 'ts-play'
import type { StoreOf } from './backup-store.ts'
import { inParts } from './s3-parts.ts'

const folder = '/etc/ts-play'
const config = `${folder}/backup-s3.conf`
const ca = `${folder}/backup-s3-ca.crt`

/** A word of curl's own configuration file, where only these are special. */
const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\t', '\\t')}"`

/** All that curl has to know and nobody else may: it reads this file by itself, so that the key is in no argument and no environment. */
export function s3Config(store: StoreOf<'s3'>): Secret<string> {
  const lines = [
    `aws-sigv4 = ${quoted(`aws:amz:${store.region}:s3`)}`,
    'silent', 'show-error', 'fail-with-body',
    'connect-timeout = 20', 'speed-limit = 1024', 'speed-time = 60', 'retry = 3',
    `proto = ${quoted(store.plaintext ? '=http,https' : '=https')}`,
    ...(store.ca === undefined ? [] : [`cacert = ${quoted(ca)}`]),
  ]
  return secret`${store.secretAccessKey.map(key => `user = ${quoted(`${store.accessKeyId}:${key}`)}\n${lines.join('\n')}\n`)}`
}

/** curl signs for S3 since 7.86: an older one would fail with a riddle. */
const curl = fact({
  name: 'curl-version',
  lifetime: 'volatile',
  query: sh`curl --version 2>/dev/null | sed -n '1s/^curl \\([0-9.]*\\).*/\\1/p'`,
  parse: stdout => stdout.trim(),
})

/** What a host needs to talk to the storage. */
export function s3Access(store: StoreOf<'s3'>): readonly Item[] {
  return [
    directory({ path: folder, mode: 0o755 }),
    ...(store.ca === undefined ? [] : [file({ path: ca, content: store.ca.endsWith('\n') ? store.ca : `${store.ca}\n` })]),
    file({ path: config, content: s3Config(store), mode: 0o600, owner: 'root', group: 'root' }),
    stage({ facts: { curl } }, ({ facts }) => [
      assert({
        name: 'curl can sign for S3',
        that: signs(facts.curl),
        message: facts.curl === '' ? 'there is no curl' : `curl ${facts.curl} cannot sign for S3`,
        remedy: 'install curl 7.86 or newer, or choose backupStore: { to: controller, … }',
      }),
    ]),
  ]
}

/** What is left of that when backups go elsewhere: nothing that could open the storage. */
export const withoutS3Access = (): Item => file({ path: config, state: 'absent' })

export function signs(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 7 || (major === 7 && minor >= 86)
}

/** Where a cluster's backups lie in the bucket: objects below it are named as backups are. */
export const s3Prefix = (store: StoreOf<'s3'>, cluster: string): string => `${store.prefix}${cluster}/`

function base({ endpoint, bucket, pathStyle }: StoreOf<'s3'>): string {
  return pathStyle ? `${endpoint}/${bucket}` : endpoint.replace('://', `://${bucket}.`)
}

/**
 * Shell functions over curl; each says on stderr what the storage complained about, and returns non-zero.
 *
 *     s3_list            names below the cluster's prefix, one a line
 *     s3_put FILE NAME   signed with the sum of what is sent, so that the storage refuses anything else; looked at again afterwards. Beyond 5 GiB in parts
 *     s3_get NAME FILE
 *     s3_delete NAME
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
export function s3Shell(store: StoreOf<'s3'>, cluster: string, configPath = config): Command {
  const prefix = s3Prefix(store, cluster)
  return sh`
# Sums of what is sent: also of nothing, which curl before 8 does not add by itself.
s3_none='x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
s3_say() { echo "storage "${store.endpoint}": $*" >&2; }
s3_ask() {
  s3_answer=\${s3_into:-$(mktemp)}
  if curl --config ${configPath} --output "$s3_answer" "$@"; then return 0; fi
  s3_say "$(tr '<>' '\\n\\n' <"$s3_answer" | sed -n '/^Code$/{n;p;};/^Message$/{n;p;}' | tr '\\n' ' ' | tr -cd '[:print:]' | cut -c 1-300)"
  rm -f "$s3_answer"
  return 1
}
s3_list() (
  after=
  while :; do
    s3_ask --header "$s3_none" ${`${base(store)}?list-type=2&max-keys=1000&prefix=${encodeURIComponent(prefix)}`}"$after" || exit 1
    names=$(tr '<' '\\n' <"$s3_answer" | sed -n 's/^Key>//p')
    more=$(tr '<' '\\n' <"$s3_answer" | sed -n 's/^IsTruncated>//p')
    rm -f "$s3_answer"
    last=$(printf '%s\\n' "$names" | tail -n 1)
    # Also so that what comes back in a URL needs no quoting.
    if printf '%s\\n' "$names" | grep -q '[^A-Za-z0-9._/-]'; then s3_say 'there are objects beside the backups that are not ours'; exit 1; fi
    printf '%s\\n' "$names" | sed -n ${`s|^${prefix.replaceAll('.', '\\.')}||p`}
    [ "$more" = true ] || exit 0
    after="&start-after=$(printf %s "$last" | sed 's|/|%2F|g')"
  done
)
${inParts(`${base(store)}/${prefix}`)}
s3_put() (
  sum=$(sha256sum <"$1" | cut -d' ' -f1)
  size=$(wc -c <"$1" | tr -d ' ')
  if [ "$size" -gt "$s3_once" ]; then s3_put_parts "$1" "$2" "$size" || exit 1
  else
    s3_ask --header "x-amz-content-sha256: $sum" --upload-file "$1" ${`${base(store)}/${prefix}`}"$2" || exit 1
    rm -f "$s3_answer"
  fi
  s3_ask --header "$s3_none" --head ${`${base(store)}/${prefix}`}"$2" || exit 1
  there=$(tr -d '\\r' <"$s3_answer" | sed -n 's/^[Cc]ontent-[Ll]ength: *//p' | tail -n 1)
  rm -f "$s3_answer"
  [ "$there" = "$size" ] || { s3_say "$2 was taken, and has $there bytes there instead of $size"; exit 1; }
)
s3_get() (
  s3_into="$2.part"
  s3_ask --header "$s3_none" ${`${base(store)}/${prefix}`}"$1" || exit 1
  mv "$s3_into" "$2"
)
s3_delete() (
  s3_ask --header "$s3_none" --request DELETE ${`${base(store)}/${prefix}`}"$1" || exit 1
  rm -f "$s3_answer"
)
`
}
