import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { caseIds, cases } from './cases.ts'
import { compare } from './compare.ts'
import { ansible } from './contenders/ansible.ts'
import type { Contender } from './contenders/contender.ts'
import { floor } from './contenders/floor.ts'
import { pyinfra } from './contenders/pyinfra.ts'
import { tsPlay } from './contenders/ts-play.ts'
import { highlyAvailable } from './ha.ts'
import { openHosts } from './hosts.ts'
import { installed } from './installed.ts'
import { machine, ownVersion, sshVersion } from './machine.ts'
import { manyHosts } from './many.ts'
import { merge } from './merge.ts'
import { sweep } from './meter.ts'
import { options, type Options } from './options.ts'
import { peers, type Peers } from './peers.ts'
import { plot } from './plot.ts'
import { frameTrace, hottest } from './profile.ts'
import { Results, type Measurement, type Occasion, type Solo } from './results.ts'
import { solos } from './solos.ts'
import { report } from './table.ts'

const RESULTS = join(import.meta.dirname, 'results')

/** `npm run bench`: see options.ts. */
async function bench(given: Options): Promise<void> {
  const began = performance.now()
  const say = (line: string): void => void process.stdout.write(`${((performance.now() - began) / 1000).toFixed(0).padStart(5)} s  ${line}\n`)
  const folder = await mkdtemp(join(tmpdir(), 'ts-play-bench-'))
  try {
    const start = machine()
    if (start.load > start.cores / 2) say(`this machine is busy (load ${start.load.toFixed(1)}): ratios may still tell something, times will not`)
    // Before anything is measured: what cannot be added to would be found out when all is done.
    const before = given.add && existsSync(join(given.out, 'bench.json')) ? await resultsIn(given.out) : undefined
    await sweep()
    const own = await installed(say)
    const peersHere = given.without.length < 4 ? await peers(say) : undefined
    const versions = { 'ts-play': await ownVersion(), node: process.versions.node, ...(peersHere && { 'ansible-core': peersHere.ansible.version, mitogen: peersHere.mitogen.version, pyinfra: peersHere.pyinfra.version, python: peersHere.python }), openssh: await sshVersion() }
    const all = contenders({ given, program: own.program, versions, peers: peersHere }).filter(({ id }) => !given.without.includes(id))
    const measurements: Measurement[] = []
    const solo: Solo[] = [...(await solos({ own, groups: given.only, runs: given.runs, say }))]
    const occasion: Occasion = { date: new Date().toISOString().slice(0, 10), load: start.load, version: versions['ts-play'] }
    /** After each piece of work, so that what was measured is kept whatever becomes of the rest. */
    const keep = async (): Promise<void> => {
      const results: Results = { machine: start, versions, date: occasion.date, runs: given.runs, budget: Number.isFinite(given.budget) ? given.budget : null, measurements: measurements.map(row => ({ ...row, occasion })), solos: solo.map(row => ({ ...row, occasion })) }
      await write(before ? merge(before, results) : results, given.out)
    }
    const chosen = await cases({ folder, only: caseIds.filter(id => given.only.includes(id)), roundTrips: given.roundTrips, quick: given.quick })
    if (chosen.length > 0) {
      await using hosts = await openHosts(say)
      for (const next of chosen) {
        measurements.push(...(await compare(next, { hosts, contenders: all, folder, runs: given.runs, budget: given.budget, say })))
        await keep()
      }
    }
    if (given.only.includes('m')) solo.push(...(await manyHosts({ program: own.program, folder, runs: given.runs, say })))
    if (given.only.includes('f')) solo.push(...(await highlyAvailable({ own, folder, say })))
    await keep()
    say(`written to ${given.out}`)
    if (given.cpuProf) process.stdout.write(`\n${hottest(join(given.out, 'profiles'))}`)
    if (given.frames) for (const name of (await readdir(folder)).filter(entry => entry.endsWith('-ts-play'))) process.stdout.write(`\n${name}\n${frameTrace(join(folder, name, 'events.jsonl'))}`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Parts {
  readonly given: Options
  readonly program: string
  readonly versions: Readonly<Record<string, string>>
  readonly peers: Peers | undefined
}

function contenders({ given, program: ours, versions, peers: installed }: Parts): readonly Contender[] {
  const own = tsPlay({ program: ours, version: versions['ts-play'] ?? '', node: given.cpuProf ? ['--cpu-prof', '--cpu-prof-interval', '200', `--cpu-prof-dir=${join(given.out, 'profiles')}`] : [] })
  const least = floor(versions['openssh'] ?? '')
  if (installed === undefined) return [own, least]
  const { program, version } = installed.ansible
  return [
    own,
    least,
    pyinfra(installed.pyinfra),
    ansible({ id: 'mitogen', title: 'Ansible with Mitogen', version: installed.mitogen.version, program, mitogen: installed.mitogen.plugins }),
    ansible({ id: 'ansible-pipelining', title: 'Ansible, pipelining', version, program }),
    ansible({ id: 'ansible', title: 'Ansible, default', version, program }),
  ]
}

async function resultsIn(folder: string): Promise<Results> {
  return Results.parse(JSON.parse(await readFile(join(folder, 'bench.json'), 'utf8')))
}

async function write(results: Results, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'bench.json'), `${JSON.stringify(results, rounded)}\n`)
  await writeFile(join(folder, 'README.md'), report(results, await readFile(join(import.meta.dirname, 'method.md'), 'utf8')))
  if (results.measurements.length > 0) await writeFile(join(folder, 'bench.svg'), plot(results.measurements))
}

/** A tenth of a millisecond is more than a bench knows. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 10) / 10 : value
}

const given = options(process.argv.slice(2), { results: RESULTS })
if (given.render) await write(await resultsIn(given.out), given.out)
else await bench(given)

