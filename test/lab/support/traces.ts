import type { Lab } from '../lab.ts'

/**
 * What runs have left on a host, as its console sees it, one thing a line: private folders, processes that stand in one or that a frame started (they
 * all inherit TSP_STATE; what systemd starts does not), and locks whose owner lives.
 */
const TRACES = String.raw`
traces() {
  for folder in /run/ts-play-* /dev/shm/ts-play-* /tmp/ts-play-*; do [ ! -e "$folder" ] || echo "folder $folder"; done
  for process in $(grep -lzs '^TSP_STATE=' /proc/[0-9]*/environ); do process=$(dirname $process); echo "process $(basename $process): $(tr '\0' ' ' <$process/cmdline | cut -c1-150)"; done
  ls -l /proc/[0-9]*/cwd 2>/dev/null | grep -o '/proc/[0-9]*/cwd -> .*/ts-play-.*'
  for holder in /var/lib/ts-play/lock/holder /*/*/.local/state/ts-play/lock/holder; do
    { read -r run; read -r pid start; read -r boot; read -r who; } 2>/dev/null <"$holder" || continue
    [ "$boot" != "$(cat /proc/sys/kernel/random/boot_id)" ] || [ "$(sed 's/.*) //' /proc/$pid/stat 2>/dev/null | cut -d' ' -f20)" != "$start" ] || echo "lock of $who"
  done
} 2>/dev/null
`

export async function tracesOf(lab: Lab, host: string): Promise<string> {
  return (await lab.console(host, `${TRACES}traces`)).stdout
}

/**
 * Waits until nothing is left on any of the hosts.
 *
 * @param within milliseconds
 * @returns milliseconds that it took, by the clock of this machine
 * @throws Error with what is still there
 */
export async function untilNothingLeft(lab: Lab, hosts: readonly string[], within: number): Promise<number> {
  const began = performance.now()
  const left = await Promise.all(hosts.map(async host => {
    const waited = await lab.console(host, `${TRACES}end=$(($(date +%s) + ${Math.ceil(within / 1000)})); while left=$(traces); [ -n "$left" ]; do [ $(date +%s) -lt $end ] || { echo "$left"; exit 1; }; sleep 0.1; done`)
    return waited.code === 0 ? [] : [`${host} after ${within} ms:\n${waited.stdout}${waited.stderr}`]
  }))
  if (left.flat().length > 0) throw new Error(left.flat().join('\n'))
  return performance.now() - began
}
