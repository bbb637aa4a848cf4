import type { Inspection, Listener } from '../kubernetes/inspection.ts'

export type Seen = Pick<Inspection, 'listeners' | 'datagrams' | 'distributions' | 'disks' | 'floating' | 'nameservers' | 'alarms' | 'vendor' | 'cniConfigurations' | 'kernel'> & Pick<Inspection['clock'], 'synchronized'>

/** What the kubelet limits pods by. */
const NEEDED_CONTROLLERS = ['cpu', 'cpuset', 'memory', 'pids']

/** Reads what `look.ts` printed. */
export function parseSeen(stdout: string): Seen {
  const pairs = stdout.split('\n').map(line => ({ key: line.slice(0, line.indexOf('=')), value: line.slice(line.indexOf('=') + 1).trim() }))
  const all = (key: string): readonly string[] => pairs.filter(pair => pair.key === key).map(({ value }) => value)
  const one = (key: string): string => all(key)[0] ?? ''
  const synchronized = one('synchronized')
  return {
    synchronized: synchronized === 'yes' || synchronized === 'no' ? synchronized : 'unknown',
    vendor: one('vendor'),
    cniConfigurations: all('cni'),
    kernel: { release: one('kernel'), features: [...new Set(all('feature'))], disabled: all('disabled').filter(name => NEEDED_CONTROLLERS.includes(name)) },
    distributions: [...new Set(all('distribution'))],
    disks: all('disk').flatMap(line => {
      const [free = '', path = ''] = line.split(' ')
      return /^\d+$/.test(free) ? [{ path, freeMegabytes: Number(free) }] : []
    }),
    listeners: all('listener').flatMap(listener),
    datagrams: all('datagram').flatMap(listener),
    floating: one('floating') || undefined,
    nameservers: all('nameserver'),
    alarms: [...new Set([...one('alarms').matchAll(/"alarm":"([A-Z]+)"/g)].flatMap(([, alarm]) => (alarm === undefined || alarm === 'NONE' ? [] : [alarm])))],
  }
}

function listener(line: string): readonly Listener[] {
  const [port = '', users = ''] = line.split(' ', 2)
  return /^\d+$/.test(port) ? [{ port: Number(port), program: /"([^"]+)"/.exec(users)?.[1] }] : []
}
