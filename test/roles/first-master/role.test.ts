import { describe, expect, test } from 'vitest'
import { firstMaster } from '../../../roles/first-master/role.ts'
import type { Membership } from '../../../roles/outputs.ts'
import { itemsOf, plain, refusals, shown, specOf, varsOf, type Context } from '../support/tasks.ts'

const seen = (state: Membership['state'], changes: Partial<Membership> = {}): Membership =>
  ({ state, ca: state === 'fresh' ? undefined : 'ours', endpointCa: undefined, evidence: [], attempt: false, apiServer: state === 'joined' ? 'ready' : 'silent', etcdMember: 'unknown', ...changes })
const member = (name: string, address: string) => ({ name, address, vars: {} })
const controlPlanes = [member('m1', '10.0.0.21'), member('m2', '10.0.0.22'), member('m3', '10.0.0.23')]

const context = (survey: Readonly<Record<string, Membership>>, changes: { host?: string; vars?: object; kubelet?: string } = {}): Context => ({
  host: controlPlanes.find(({ name }) => name === (changes.host ?? 'm1')) ?? member('m1', '10.0.0.21'),
  vars: { kubernetesVersion: 'v1.34.10', endpoint: { strategy: 'haproxy+keepalived', name: 'api.example.org', vip: '10.0.0.100' }, ...changes.vars },
  facts: { kubelet: changes.kubelet ?? 'v1.34.10', nodeName: changes.host ?? 'm1', addresses: [{ interface: 'ens3', address: '10.0.0.21', prefix: 24 }] },
  inputs: {
    endpoint: { name: 'api.example.org', address: '10.0.0.100', port: 6443 },
    survey: new Map(Object.entries(survey)),
    etcd: { dataDirectory: '/var/lib/etcd', extraArgs: {} },
    etcdHosts: [],
    controlPlanes,
    balancers: [member('lb1', '10.0.0.11')],
  },
})
const allFresh = { m1: seen('fresh'), m2: seen('fresh'), m3: seen('fresh') }
const skip = (given: Context): string | undefined => {
  const { host = { name: '', address: '' }, facts = {}, inputs = {} } = given
  return firstMaster.body.skip?.({ host, facts, inputs, vars: varsOf(firstMaster, given.vars) })
}

describe('first-master', () => {
  test('is the elected one alone', () => {
    expect(['m1', 'm2', 'm3'].map(host => skip(context(allFresh, { host })))).toEqual([undefined, 'not elected', 'not elected'])
    expect(['m1', 'm2', 'm3'].map(host => skip(context({ ...allFresh, m2: seen('joined') }, { host })))).toEqual(['not elected', undefined, 'not elected'])
  })
  test('makes a cluster where there is none', () => {
    expect(shown(itemsOf(firstMaster, context(allFresh)))).toMatchInlineSnapshot(`
      [
        "command kubeadm init",
        "wait-for etcd is healthy",
        "wait-for the API is ready at api.example.org",
        "file /var/lib/ts-play/attempt",
      ]
    `)
  })
  test('lets kube-vip have the credentials of the first hour for kubeadm init, and takes them back', () => {
    const kubeVip = { endpoint: { strategy: 'kube-vip', name: 'api.example.org', vip: '10.0.0.100' } }
    const items = itemsOf(firstMaster, context(allFresh, { vars: kubeVip }))
    const steps = items.flatMap(item => (item.type === 'task' && (item.id === '/etc/kubernetes/manifests/kube-vip.yaml' || item.id === 'kubeadm init') ? [item] : []))
    const credentials = steps.map(({ id, spec }) => (id === 'kubeadm init' ? id : /etc\/kubernetes\/\S*admin\.conf/.exec(plain(Reflect.get(Object(spec), 'content')))?.[0]))
    expect(credentials).toEqual(['etc/kubernetes/super-admin.conf', 'kubeadm init', 'etc/kubernetes/admin.conf'])
    expect(shown(itemsOf(firstMaster, context({ ...allFresh, m1: seen('joined') }, { vars: kubeVip }))).filter(line => line.includes('kube-vip'))).toEqual([])
  })
  test('gives kubeadm its configuration on stdin, in a private file, and no secret in an argument', () => {
    const { run, stdin } = specOf(itemsOf(firstMaster, context(allFresh)), 'command', 'kubeadm init')
    expect(stdin).toContain('kind: InitConfiguration')
    const text = typeof run === 'object' && run !== null && 'text' in run ? String(run.text) : ''
    expect(text).toContain('umask 077')
    expect(text).toContain('kubeadm init --config "$config"')
    expect(text).not.toMatch(/--token|--certificate-key/)
  })
  test('makes nothing where there is one', () => {
    expect(shown(itemsOf(firstMaster, context({ m1: seen('joined'), m2: seen('joined'), m3: seen('joined') })))).toMatchInlineSnapshot(`
      [
        "wait-for the API is ready at api.example.org",
        "file /var/lib/ts-play/attempt",
        "bootstrap-tokens left by earlier runs",
      ]
    `)
  })
  test('goes on with an init of ours that died, without asking', () => {
    const items = itemsOf(firstMaster, context({ ...allFresh, m1: seen('partial', { attempt: true, etcdMember: 'voter' }) }))
    expect(shown(items)[0]).toBe('command clean up the unfinished attempt on m1')
    expect(specOf(items, 'command', 'clean up the unfinished attempt on m1')['destroys']).toMatchObject({ permitted: true })
  })
  test('asks before it takes away what nobody says is ours', () => {
    const items = itemsOf(firstMaster, context({ ...allFresh, m1: seen('partial', { evidence: ['it is odd'] }) }))
    expect(specOf(items, 'command', 'clean up the unfinished attempt on m1')['destroys']).toMatchObject({ permitted: false, because: 'nothing says that ts-play began it: it is odd' })
  })
  test('takes nothing away where the API came up before the init died', () => {
    const items = itemsOf(firstMaster, context({ ...allFresh, m1: seen('partial', { attempt: true, apiServer: 'ready', endpointCa: 'ours' }) }))
    expect(shown(items)[0]).toBe('command kubeadm init')
  })

  test.each<[string, Context, RegExp]>([
    ['while somebody cannot be asked', context({ m1: seen('fresh'), m2: seen('fresh') }), /while m3 cannot be asked/],
    ['without a kubelet', context(allFresh, { kubelet: 'absent' }), /m1 has no kubelet/],
    ['with a kubeadm that does not wait', context(allFresh, { vars: { kubernetesVersion: 'v1.34.3' } }), /kubernetes\/kubeadm#3294/],
  ])('refuses %s', (_, given, message) => {
    expect(refusals(itemsOf(firstMaster, given))).toEqual([expect.stringMatching(message)])
  })
  test('a kubeadm that does not wait may serve, and may be accepted', () => {
    const impatient = { kubernetesVersion: 'v1.34.3' }
    expect(refusals(itemsOf(firstMaster, context({ m1: seen('joined') }, { vars: impatient })))).toEqual([])
    expect(refusals(itemsOf(firstMaster, context(allFresh, { vars: { ...impatient, impatientInit: 'accept' } })))).toEqual([])
  })
})
