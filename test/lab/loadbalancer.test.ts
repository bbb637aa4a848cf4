import { fileURLToPath } from 'node:url'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openLab, type Lab } from './lab.ts'
import { requireLab } from './require-lab.ts'
import { inventoryOf, tsPlay, type TsPlay } from './support/ts-play.ts'
import { treeOf } from './support/tree.ts'

const PLAYBOOK = fileURLToPath(new URL('../../playbooks/ha.ts', import.meta.url))
const skip = requireLab()

describe.skipIf(skip)('two load balancers on real hosts', () => {
  let lab: Lab
  let play: TsPlay
  let words: readonly string[]
  let vip: string

  beforeAll(async () => {
    lab = await openLab()
    await lab.up('lb1', 'lb2', 'cp1')
    play = await tsPlay(lab)
    vip = lab.address('lb1').replace(/\.\d+$/, '.100')
    const inventory = await play.write('inventory.yaml', inventoryOf(lab, { lb: ['lb1', 'lb2'], masters: ['cp1'], workers: [] }, { endpoint: `{ strategy: haproxy+keepalived, name: api.lab, vip: ${vip} }` }))
    words = [PLAYBOOK, '-i', inventory, '--tags', 'loadbalancer']
    await lab.exec('cp1', 'openssl req -x509 -newkey rsa:2048 -nodes -keyout /root/key.pem -out /root/cert.pem -days 2 -subj /CN=api 2>/dev/null')
    await serve()
  })
  afterAll(async () => {
    await play?.[Symbol.asyncDispose]()
    await lab?.down()
  })

  /** What stands for an API server: it answers 200 to any request over TLS. */
  const serve = () => lab.exec('cp1', 'systemd-run --quiet --unit api openssl s_server -quiet -accept 6443 -key /root/key.pem -cert /root/cert.pem -www')
  const holders = async (): Promise<readonly string[]> => {
    const asked = await Promise.all(['lb1', 'lb2'].map(async host => ({ host, answer: await lab.console(host, `ip -o address show | grep -c ' ${vip}/32 '`).catch(() => undefined) })))
    return asked.filter(({ answer }) => answer?.stdout.trim() === '1').map(({ host }) => host)
  }
  const until = async (what: string, holds: () => Promise<boolean>): Promise<number> => {
    const started = performance.now()
    while (!(await holds())) {
      if (performance.now() - started > 30_000) throw new Error(`not after 30 s: ${what}`)
      await pause(100)
    }
    return performance.now() - started
  }
  const oneHolder = async () => (await holders()).length === 1
  const answers = async () => (await lab.exec('cp1', `curl -ks -o /dev/null -w '%{http_code}' --max-time 2 https://${vip}:6443/readyz || openssl s_client -connect ${vip}:6443 </dev/null 2>/dev/null | grep -q CONNECTED && echo 200`)).stdout.includes('200')

  test('check mode tells packages and files as changes, waits as unknown, and writes nothing', async () => {
    const before = await treeOf(lab, 'lb1')
    const checked = await play.run([...words, '--check', '--diff'])
    expect(checked.code, checked.stdout + checked.stderr).toBe(3)
    expect(await treeOf(lab, 'lb1')).toBe(before)
    expect(checked.hosts.map(({ host, wouldChange, unknown, changed }) => ({ host, wouldChange, unknown, changed }))).toEqual([
      { host: 'lb1', wouldChange: 7, unknown: 1, changed: 0 },
      { host: 'lb2', wouldChange: 7, unknown: 1, changed: 0 },
    ])
  })

  test('a run brings one holder of the floating address that answers, and the next run changes nothing', async () => {
    const ran = await play.run([...words])
    expect(ran.code, ran.stdout + ran.stderr).toBe(0)
    await until('one holder', oneHolder)
    await until('the floating address answers', answers)
    const again = await play.run([...words])
    expect(again.code, again.stdout + again.stderr).toBe(0)
    expect(again.hosts.map(({ changed, failed }) => ({ changed, failed }))).toEqual([{ changed: 0, failed: 0 }, { changed: 0, failed: 0 }])
    const frames = again.events.filter(event => event.type === 'frame' && event.purpose === 'probe')
    expect(frames).toHaveLength(2)
  })

  test('SIGKILL of keepalived leaves exactly one holder', async () => {
    const [holder] = await holders()
    await lab.console(holder!, 'pkill -9 keepalived')
    await pause(10_000)
    expect(await holders()).toHaveLength(1)
  })

  test('no API server for as long as etcd takes to elect a leader, and the holder stays; for longer, and nobody has the address until there is one', async () => {
    const [holder] = await holders()
    await lab.exec('cp1', 'systemctl stop api')
    const stopped = performance.now()
    while (performance.now() - stopped < 8000) expect(await holders(), `${Math.round(performance.now() - stopped)} ms`).toEqual([holder])
    await until('nobody holds it', async () => (await holders()).length === 0)
    await serve()
    await until('one holder', oneHolder)
    await until('the floating address answers', answers)
  })

  test('a power cut of the holder moves the address, and its return does not double it', async () => {
    const [holder] = await holders()
    await lab.kill(holder!)
    const moved = await until('the other holds it', async () => (await holders()).some(host => host !== holder))
    await until('the floating address answers', answers)
    process.stdout.write(`floating address moved after ${(moved / 1000).toFixed(1)} s\n`)
    await lab.start(holder!)
    await pause(10_000)
    expect(await holders()).toHaveLength(1)
  })
})
