import { fact, sh } from 'ts-play'

/** What a machine is, as far as Kubernetes cares. */
export interface Machine {
  readonly cpus: number
  readonly memoryMegabytes: number
  /** From `uname -m`. */
  readonly architecture: string
  readonly cgroup: 'v1' | 'v2'
  readonly systemd: boolean
  /** `ID` and `ID_LIKE` of os-release. */
  readonly families: readonly string[]
  readonly hostname: string
}

export const machine = fact({
  name: 'machine',
  query: sh`
    echo "cpus=$(getconf _NPROCESSORS_ONLN)"
    echo "memory=$(sed -n 's/^MemTotal: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo)"
    echo "architecture=$(uname -m)"
    echo "cgroup=$(stat -fc %T /sys/fs/cgroup)"
    if [ -d /run/systemd/system ]; then echo systemd=yes; fi
    echo "families=$(. /etc/os-release && echo "$ID \${ID_LIKE:-}")"
    echo "hostname=$(uname -n)"`,
  parse: parseMachine,
})

export function parseMachine(stdout: string): Machine {
  const of = (key: string): string => stdout.split('\n').find(line => line.startsWith(`${key}=`))?.slice(key.length + 1).trim() ?? ''
  return {
    cpus: Number(of('cpus')),
    memoryMegabytes: Math.floor(Number(of('memory')) / 1024),
    architecture: of('architecture'),
    cgroup: of('cgroup') === 'cgroup2fs' ? 'v2' : 'v1',
    systemd: of('systemd') === 'yes',
    families: of('families').split(' ').filter(word => word !== ''),
    hostname: of('hostname'),
  }
}
