import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rendered, type Item } from '../work/item.ts'
import type { Call, Contender, Endpoint, Job } from './contender.ts'
import { queries } from './queries.ts'

/** The least that the work can cost: a shell script as somebody who knows the host writes it, over one plain `ssh`; files of the controller by `tar` and, one alone, by `scp`. */
export function floor(version: string): Contender {
  return {
    id: 'floor',
    title: 'sh over ssh',
    version,
    async prepare(job) {
      await mkdir(job.folder, { recursive: true })
      return Promise.all(job.endpoints.map(endpoint => callOf(job, endpoint)))
    },
    said: async () => ({ changed: undefined, frames: undefined }),
  }
}

async function callOf(job: Job, { address, port, name }: Endpoint): Promise<Call> {
  const options = ['-F', 'none', '-i', job.keyFile, ...['BatchMode=yes', 'StrictHostKeyChecking=yes', `UserKnownHostsFile=${job.knownHosts}`, 'GlobalKnownHostsFile=none'].flatMap(option => ['-o', option])]
  const login = ['ssh', ...options, '-p', String(port), `root@${address}`] as const
  const call = (argv: Call['argv'], stdin?: string): Call => ({ argv, environment: {}, folder: job.folder, ...(stdin === undefined ? {} : { stdin }) })
  if (job.work.type === 'facts') return call([...login, 'sh -s'], queries.map(({ script }) => `${script}\n`).join(''))
  const copies = job.work.items.flatMap(item => (item.kind === 'copy' ? [item] : []))
  const [copy] = copies
  if (copy === undefined) return call([...login, 'sh -s'], script(job.work.items))
  const sums = copies.map(({ sha256, path }) => `${sha256}  ${path}\n`).join('')
  if (job.phase === 'again') return call([...login, 'sha256sum --quiet -c -'], sums)
  // scp makes no folder.
  if (copies.length === 1) return call(['scp', '-q', ...options, '-P', String(port), copy.source, `root@${address}:${copy.path}`])
  // The mode of the folder that is sent is the folder's there.
  const folder = copy.source.slice(0, copy.source.lastIndexOf('/'))
  const into = copy.path.slice(0, copy.path.lastIndexOf('/'))
  const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`
  await writeFile(join(job.folder, `${name}.sh`), `cd ${quoted(folder)} && tar -cf - --owner=0 --group=0 --mode=0644 -- * | ${login.map(quoted).join(' ')} ${quoted(`mkdir -p ${into} && cd ${into} && tar -xf -`)}\n`)
  return call(['sh', join(job.folder, `${name}.sh`)])
}

const HEAD = `set -eu
umask 022
directory() { [ -d "$2" ] || mkdir "$2"; [ "$(stat -c %a "$2")" = $1 ] || chmod $1 "$2"; }
put() { t=$(cat; echo .); if [ ! -e "$2" ] || [ "$(cat "$2"; echo .)" != "$t" ]; then (umask 077; printf %s "\${t%.}" >"$2.new"); chmod $1 "$2.new"; mv "$2.new" "$2"; fi; [ "$(stat -c %a "$2")" = $1 ] || chmod $1 "$2"; }
symlink() { [ "$(readlink "$1")" = "$2" ] || ln -sfn "$2" "$1"; }
grp() { getent group "$1" >/dev/null || groupadd -g $2 "$1"; }
usr() { getent passwd "$1" >/dev/null || useradd -M -u $2 -g "$3" -d "$4" -s "$5" "$1"; }
line() { grep -qxF "$3" "$1" || sed -i "s|^$2.*|$3|" "$1"; }
service() { systemctl -q is-active "$1" && systemctl -q is-enabled "$1" || systemctl -q enable --now "$1" 2>/dev/null; }
package() { dpkg-query -W -f '\${db:Status-Status}' "$1" | grep -qx installed || apt-get -qy install "$1"; }
`

function script(items: readonly Item[]): string {
  return HEAD + items.map(item => `${callFor(item)}\n`).join('')
}

function callFor(item: Item): string {
  const put = (mode: string, path: string, content: string): string => `put ${mode.slice(1)} ${path} <<'END OF FILE'\n${content}END OF FILE`
  switch (item.kind) {
    case 'directory': return `directory ${item.mode.slice(1)} ${item.path}`
    case 'file': return put(item.mode, item.path, item.content)
    case 'template': return put(item.mode, item.path, rendered(item.values))
    case 'copy': throw new TypeError('a file of the controller is sent, not scripted')
    case 'symlink': return `symlink ${item.path} ${item.to}`
    case 'group': return `grp ${item.name} ${item.gid}`
    case 'user': return `usr ${item.name} ${item.uid} ${item.group} ${item.home} ${item.shell}`
    case 'line': return `line ${item.path} '${item.key}' '${item.line}'`
    case 'unit': return put('0644', `/etc/systemd/system/${item.name}`, item.content)
    case 'service': return `service ${item.name}`
    case 'package': return `package ${item.name}`
    case 'command': return `[ -e ${item.creates} ] || { ${item.run}; }`
  }
}
