import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Lab } from '../../lab/lab.ts'
import type { Finished, Running, TsPlay } from '../../lab/support/ts-play.ts'
import type { Event } from '../../../engine/model/event.ts'
import { clusterOf, type Cluster } from '../cluster.ts'
import { labInventory, withVars } from '../lab-inventory.ts'

const playbooks = fileURLToPath(new URL('../../../playbooks/', import.meta.url))
const ETCDCTL = 'etcdctl --endpoints https://127.0.0.1:2379 --cacert /etc/kubernetes/pki/etcd/ca.crt --cert /etc/kubernetes/pki/etcd/healthcheck-client.crt --key /etc/kubernetes/pki/etcd/healthcheck-client.key'

/** A cluster of the lab as its operator has it: an inventory that changes, playbooks to run with it, and ways to look at every host. */
export class Site {
  readonly lab: Lab
  readonly kube: Cluster
  readonly kubeconfig: string
  readonly vip: string
  readonly balancers = ['lb1', 'lb2'] as const
  controlPlanes: readonly string[] = ['cp1', 'cp2', 'cp3']
  workers: readonly string[] = ['w1', 'w2']
  /** Variables beside those of inventory/lab.yaml. */
  vars: Readonly<Record<string, string>> = {}
  /** Variables of single hosts, as they are written in YAML. */
  hostVars: Readonly<Record<string, string>> = {}
  readonly #play: TsPlay

  constructor(lab: Lab, play: TsPlay) {
    this.lab = lab
    this.#play = play
    this.kubeconfig = join(lab.folder, 'kubeconfig')
    this.kube = clusterOf(lab, this.kubeconfig)
    this.vip = `${lab.subnet.split('.').slice(0, 3).join('.')}.100`
  }

  get hosts(): readonly string[] {
    return [...this.balancers, ...this.controlPlanes, ...this.workers]
  }
  /** Whether a run has brought a cluster here already: a lab that was kept. */
  get hasCluster(): boolean {
    return existsSync(this.kubeconfig)
  }
  async forgetCluster(): Promise<void> {
    await rm(this.kubeconfig, { force: true })
  }
  /** Files of the test's own. */
  get folder(): string {
    return this.#play.folder
  }

  async run(playbook: string, ...words: readonly string[]): Promise<Finished> {
    return this.#play.run(await this.#words(playbook, words))
  }
  async start(playbook: string, onEvent: (event: Event) => void, ...words: readonly string[]): Promise<Running> {
    return this.#play.start(await this.#words(playbook, words), { onEvent })
  }
  async #words(playbook: string, words: readonly string[]): Promise<readonly string[]> {
    return [join(playbooks, `${playbook}.ts`), '-i', await this.#play.write('inventory.yaml', await this.inventory()), ...words]
  }

  /** `inventory/lab.yaml` with the hosts and variables of this moment. */
  async inventory(): Promise<string> {
    const given = withVars(await labInventory(this.lab, this.lab.folder), this.vars)
    const group = (name: string, hosts: readonly string[]): string => `    ${name}:\n      hosts:\n${hosts.map(host => `        ${host}: { ansible_host: ${this.lab.address(host)}${this.hostVars[host] === undefined ? '' : `, ${this.hostVars[host]}`} }\n`).join('')}`
    return `${given.slice(0, given.indexOf('  children:\n'))}  children:\n${group('lb', this.balancers)}${group('masters', this.controlPlanes)}${group('workers', this.workers)}`
  }

  /** What a command on a host said. @throws when it fails */
  async on(host: string, command: string): Promise<string> {
    const { code, stdout, stderr } = await this.lab.console(host, command)
    if (code !== 0) throw new Error(`${command} on ${host} exited ${code}: ${stderr}${stdout}`)
    return stdout.trim()
  }
  etcdctl(host: string, words: string): Promise<string> {
    return this.on(host, `${ETCDCTL} ${words}`)
  }
  /** The same where not every member has to answer. */
  etcd(host: string, words: string): ReturnType<Lab['console']> {
    return this.lab.console(host, `${ETCDCTL} ${words}`)
  }

  /** The balancer that has the floating address; of the balancers only, because it is asked often. */
  async holder(): Promise<string | undefined> {
    const asked = await Promise.all(this.balancers.map(async host => ({ host, answer: await this.lab.console(host, `ip -o address show | grep -c ' ${this.vip}/32 '`).catch(() => undefined) })))
    const holders = asked.filter(({ answer }) => answer?.stdout.trim() === '1').map(({ host }) => host)
    return holders.length === 1 ? holders[0] : undefined
  }
  async theHolder(): Promise<string> {
    let holder: string | undefined
    await this.until('one balancer has the floating address', async () => (holder = await this.holder()) !== undefined)
    return holder ?? ''
  }

  /** How many hardware addresses say that the floating address is theirs, as a worker hears it. */
  async answering(): Promise<number> {
    const [asks = 'w1'] = this.workers
    await this.on(asks, 'command -v arping >/dev/null || { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -qy install iputils-arping; } >/dev/null 2>&1')
    const { stdout } = await this.lab.console(asks, `arping -b -c 3 -w 4 -I eth0 ${this.vip}`)
    return new Set(Array.from(stdout.matchAll(/\[([0-9A-F:]{17})\]/gi), ([, address]) => address)).size
  }

  async allReady(): Promise<boolean> {
    const [ready, members] = [await this.kube.readyNodes(), await this.kube.etcdMembers(...this.controlPlanes)]
    return ready === this.controlPlanes.length + this.workers.length && members === this.controlPlanes.length
  }

  /** Seconds until it holds, looked at as often as can be. @throws after the patience (10 minutes) */
  async until(what: string, holds: () => Promise<boolean>, { patience = 600, every = 200 } = {}): Promise<number> {
    const began = performance.now()
    const past = (): number => (performance.now() - began) / 1000
    while (!(await holds().catch(() => false))) {
      if (past() > patience) throw new Error(`not after ${patience} s: ${what}`)
      await pause(every)
    }
    return past()
  }
}

/** What a run said, for when it should have said something else. */
export const told = ({ stdout, stderr }: Finished): string => stdout.slice(-4000) + stderr.slice(-2000)
export const changedOn = ({ hosts }: Finished): readonly string[] => hosts.filter(({ changed }) => changed > 0).map(({ host }) => host)
export const secondsOf = ({ events }: Finished): string => ((events.at(-1)?.at ?? 0) / 1000).toFixed(1)
