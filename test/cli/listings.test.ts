import { describe, expect, test } from 'vitest'
import ha from '../../playbooks/ha.ts'
import { checkout, tsPlay } from './support.ts'

const run = (words: string) => tsPlay(words.split(' '), { folder: checkout })
/** These inventories have no group `etcd`: its plays have no hosts, and the outputs of some are asked for all the same. */
const withoutHosts = ['etcd-release', 'etcd-authority', 'etcd-bootstrap', 'etcd-member']
const plays = ha.plays.filter(({ name }) => !withoutHosts.includes(name))
const drawn = plays.map(({ name }) => name).filter(name => name !== 'etcd-survey' && name !== 'etcd-clients')

const sites = [
  { file: 'prod.yaml', masters: ['m1', 'm2', 'm3'], workers: ['w1', 'w2', 'w3'], balancers: ['lb1', 'lb2'] },
  { file: 'lab.yaml', masters: ['cp1', 'cp2', 'cp3'], workers: ['w1', 'w2'], balancers: ['lb1', 'lb2'] },
]

/** `play #1 name (outputs only)` and the lines below it. */
function listed(stdout: string): { readonly [play: string]: readonly string[] } {
  const parts = stdout.split(/^play #\d+ /m).slice(1).map(part => part.trimEnd().split('\n'))
  return Object.fromEntries(parts.map(([head = '', ...lines]) => [head, lines.map(line => line.trim())]))
}

describe.each(sites)('playbooks/ha.ts with inventory/$file, without a connection', ({ file, masters, workers, balancers }) => {
  const command = `playbooks/ha.ts -i inventory/${file}`

  test('has no mistake and no doubt, and every play its hosts', async () => {
    const { code, stderr, stdout } = await run(`${command} --list-hosts`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect([...stdout.matchAll(/^play #(\d+) (\S+)/gm)].map(([, number, name]) => `${number} ${name}`)).toEqual(plays.map(({ name }, index) => `${index + 1} ${name}`))
    expect(listed(stdout)).toMatchObject({
      'software (outputs only)': [],
      prereqs: [...masters, ...workers],
      loadbalancer: balancers,
      'membership (outputs only)': [],
      etcd: masters,
      'first-master': masters,
      cni: masters,
      'control-plane-join': masters,
      'worker-join': workers,
      kubeconfig: ['localhost'],
    })
  })
  test('lists tags: each role’s name', async () => {
    const { code, stderr, stdout } = await run(`${command} --list-tags`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(Object.entries(listed(stdout)).map(([play, tags]) => [play.replace(' (outputs only)', ''), ...tags])).toEqual(plays.map(({ name, tags }) => [name, `tags: ${tags.join(', ')}`]))
  })
  test('draws the graph: data as solid edges, the hosts’ queues as dotted ones', async () => {
    const { code, stderr, stdout } = await run(`${command} --graph`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const [head, ...lines] = stdout.trimEnd().split('\n')
    expect(head).toBe('flowchart TD')
    for (const line of lines) expect(line).toMatch(/^ {2}(p\d+\["[\w-]+<br\/>[\w …-]+(<br\/>outputs only)?"\]|p\d+ -->\|\w+\??\| p\d+|p\d+ -\.->(\|settled\|)? p\d+)$/)
    const names = new Map([...stdout.matchAll(/^ {2}(p\d+)\["([\w-]+)/gm)].map(([, id = '', name = '']) => [id, name]))
    expect([...names.values()]).toEqual(drawn)
    const edges = [...stdout.matchAll(/^ {2}(p\d+) -->\|(\w+\??)\| (p\d+)$/gm)].map(([, from = '', input = '', to = '']) => `${names.get(from)} ${input} ${names.get(to)}`)
    for (const edge of ['first-master ticket? worker-join', 'first-master ticket? control-plane-join', 'endpoint endpoint first-master', 'membership survey first-master', 'software software prereqs']) expect(edges).toContain(edge)
  })
})

test('--tags worker-join --limit w3 is that play on that host, and the plays that it takes from are asked for outputs only', async () => {
  const { code, stdout } = await run('playbooks/ha.ts -i inventory/prod.yaml --tags worker-join --limit w3 --list-hosts')
  expect(code).toBe(0)
  const { 'worker-join': hosts, ...others } = listed(stdout)
  expect(hosts).toEqual(['w3'])
  expect(Object.keys(others)).toContain('first-master (outputs only)')
  expect(Object.keys(others).every(play => play.endsWith(' (outputs only)'))).toBe(true)
})
