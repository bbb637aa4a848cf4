import type { K3sHealth } from '../k3s/health.ts'

/** Reads what a host said. Everything that is missing counts as ill, never as well. */
export function parseK3sHealth(stdout: string): K3sHealth {
  const pairs = stdout.split('\n').map(line => ({ key: line.slice(0, line.indexOf('=')), value: line.slice(line.indexOf('=') + 1).trim() }))
  const all = (key: string): string[] => pairs.filter(pair => pair.key === key).map(({ value }) => value)
  const one = (key: string): string | undefined => all(key)[0]
  const etcd = one('etcd')
  return {
    unit: one('unit') ?? '',
    version: /^k3s version (\S+)/.exec(one('version') ?? '')?.[1] ?? '',
    endpoint: one('endpoint') ?? '',
    holdsVip: one('vip') !== undefined,
    apiServer: one('api-server'),
    etcd: etcd?.includes('"health":"true"') ? 'ok' : etcd,
    // etcd leaves `isLearner` out where it is false, and a member that has not started has no name.
    members: (one('members') ?? '').split(/\}\s*,\s*\{/).flatMap(member => (member.includes('"peerURLs"') ? [{ name: /"name":"([^"]+)"/.exec(member)?.[1] ?? 'not started', voter: !member.includes('"isLearner":true') }] : [])),
    alarms: [...(one('alarms') ?? '').matchAll(/"alarm":"(\w+)"/g)].flatMap(([, alarm = '']) => (alarm === 'NONE' ? [] : [alarm])),
    nodes: all('listed').map(line => {
      const [name = '', ready = '', version = ''] = line.split(' ')
      return { name, ready: ready === 'True', version }
    }),
    node: one('node') === 'True',
    snapshot: one('snapshot') === undefined ? undefined : Number(one('snapshot')),
  }
}
