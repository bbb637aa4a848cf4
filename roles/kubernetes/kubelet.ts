import { assert, fact, sh, type Item } from 'ts-play'

/** Version of the installed kubelet, `v1.34.10`; `absent` without one. Volatile, because `prereqs` installs it. */
export const kubelet = fact({
  name: 'kubelet',
  lifetime: 'volatile',
  query: sh`kubelet --version 2>/dev/null`,
  parse: parseKubelet,
  standIn: seed => (seed === 'a' ? 'absent' : 'v1.0.0'),
})

export function parseKubelet(stdout: string): string {
  return /\bv\d+\.\d+\.\d+\S*/.exec(stdout)?.[0] ?? 'absent'
}

/** For roles that are run on their own with `--tags`: what they build on is another role's work. */
export function hasKubelet(host: string, installed: string): Item {
  return assert({ name: 'the kubelet is installed', that: installed !== 'absent', message: `${host} has no kubelet`, remedy: 'add --tags prereqs' })
}
