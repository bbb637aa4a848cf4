import { readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openLab, type Lab } from '../lab/lab.ts'
import { linkName } from '../lab/network.ts'
import { prefixOf } from '../lab/state.ts'
import type { Endpoint } from './contenders/contender.ts'
import { differences, resetScript, verification } from './verify.ts'
import { ROOT, type Item } from './work/item.ts'

/** Lab hosts as contenders find them: bare Debian, and Python for those that need it. */
export interface Hosts extends AsyncDisposable {
  readonly lab: Lab
  readonly knownHosts: string
  /** The first `count` hosts; boots those that are missing. */
  readonly some: (count: number) => Promise<readonly Endpoint[]>
  /** Puts hosts back to before a first run, at their consoles. */
  readonly reset: (hosts: readonly Endpoint[], items: readonly Item[]) => Promise<void>
  /** Makes the folder of the work, for who makes none himself. */
  readonly folder: (hosts: readonly Endpoint[]) => Promise<void>
  /** What differs from the items on any of the hosts, looked at from their consoles. */
  readonly verify: (hosts: readonly Endpoint[], items: readonly Item[]) => Promise<readonly string[]>
  /** Processes (and threads) that were started on the hosts so far: on a busy machine a better measure of work than time. */
  readonly processes: (hosts: readonly Endpoint[]) => Promise<number>
  /** Bytes that went over the hosts' links so far, both directions. */
  readonly bytes: (hosts: readonly Endpoint[]) => number
}

/** For Ansible's modules; ts-play, pyinfra and the floor need neither. */
const PACKAGES = ['python3', 'python3-apt'] as const
/** Consoles at a time. */
const AT_ONCE = 4
/** Hosts that boot at a time. */
const BOOT = 10

export async function openHosts(say: (line: string) => void): Promise<Hosts> {
  const lab = await openLab({ packages: PACKAGES, say })
  const knownHosts = join(lab.folder, 'bench_known_hosts')
  let booted = 0
  const console = async (host: string, script: string): Promise<string> => {
    const { code, stdout, stderr } = await lab.console(host, script)
    if (code !== 0) throw new Error(`console of ${host}: exit ${code}: ${stderr.slice(-500)}`)
    return stdout
  }
  const each = async <T>(hosts: readonly Endpoint[], work: (host: string) => Promise<T>): Promise<readonly T[]> => {
    const results: T[] = []
    for (let index = 0; index < hosts.length; index += AT_ONCE) results.push(...(await Promise.all(hosts.slice(index, index + AT_ONCE).map(({ name }) => work(name)))))
    return results
  }
  return {
    lab,
    knownHosts,
    async some(count) {
      const names = Array.from({ length: count }, (_, index) => `h${index + 1}`)
      for (; booted < count; booted = Math.min(count, booted + BOOT)) {
        const more = names.slice(booted, booted + BOOT)
        say(`booting ${more.join(' ')}`)
        await lab.up(...more)
        for (const name of more) await lab.console(name, 'systemctl is-system-running --wait >/dev/null 2>&1')
      }
      await writeFile(knownHosts, relayed(await readFile(lab.knownHosts, 'utf8'), names.map(name => lab.address(name))))
      return names.map(name => ({ name, address: lab.address(name), port: 22 }))
    },
    reset: async (hosts, items) => void (await each(hosts, host => console(host, resetScript(items)))),
    folder: async hosts => void (await each(hosts, host => console(host, `mkdir -p ${ROOT}`))),
    async verify(hosts, items) {
      const wanted = verification(items)
      const found = await each(hosts, async host => differences(wanted, await console(host, wanted.script)).map(difference => `${host}: ${difference}`))
      return found.flat()
    },
    processes: async hosts => (await each(hosts, async host => Number(await console(host, 'cat /proc/sys/kernel/ns_last_pid')))).reduce((sum, last) => sum + last, 0),
    bytes: hosts => hosts.reduce((sum, { name }) => sum + ['rx_bytes', 'tx_bytes'].reduce((both, counter) => both + Number(readFileSync(`/sys/class/net/${linkName({ prefix: prefixOf(lab.name), subnet: lab.subnet }, name)}/statistics/${counter}`, 'utf8')), 0), 0),
    [Symbol.asyncDispose]: () => lab.down(),
  }
}

/** The same keys for the addresses at which a relay offers the hosts (see link.ts). */
function relayed(known: string, addresses: readonly string[]): string {
  const keyOf = (address: string): string => known.split('\n').find(line => line.split(' ')[0]?.split(',').includes(address))?.split(' ').slice(1).join(' ') ?? ''
  return known + addresses.map((address, index) => `[127.77.0.${index + 1}]:2200 ${keyOf(address)}\n`).join('')
}
