import { Command, InvalidArgumentError, Option } from 'commander'
import { resolve } from 'node:path'
import { caseIds } from './cases.ts'
import { contenderIds, type ContenderId } from './contenders/contender.ts'

/** What `npm run bench` was asked for. */
export interface Options {
  readonly only: readonly string[]
  readonly roundTrips: readonly number[]
  readonly runs: number
  /** Milliseconds. */
  readonly budget: number
  readonly without: readonly ContenderId[]
  readonly quick: boolean
  readonly out: string
  readonly add: boolean
  readonly cpuProf: boolean
  readonly frames: boolean
  readonly render: boolean
}

const WORK = ['start', ...caseIds, 'f', 'g', 'm'] as const
/** Everything but the HA playbook, which takes minutes and seven hosts. */
const USUAL = WORK.filter(id => id !== 'f')
const QUICK = ['start', 'a', 'b5', 'b20', 'scp', 'd', 'e', 'g'] as const

interface Flags {
  readonly only?: readonly string[]
  readonly rtt?: readonly number[]
  readonly runs?: number
  readonly budget?: number
  readonly without: readonly ContenderId[]
  readonly quick: boolean
  readonly full: boolean
  readonly ha: boolean
  readonly out?: string
  readonly add: boolean
  readonly cpuProf: boolean
  readonly frames: boolean
  readonly render: boolean
}

/** Parses the command line; ends the program on a mistake. */
export function options(argv: readonly string[], { results }: { readonly results: string }): Options {
  const command = new Command('npm run bench --')
    .description('ts-play beside Ansible, Mitogen, pyinfra and plain sh over ssh, on real hosts of the lab. Needs root, as the lab does; some 45 minutes on two idle cores.')
    .addOption(new Option('--only <work>', `comma-separated, of ${WORK.join(' ')}`).argParser(some(WORK)))
    .addOption(new Option('--rtt <ms>', 'round trips, comma-separated (default: 0,10,50; with --quick 0,50)').argParser(numbers))
    .addOption(new Option('--runs <number>', 'runs of each contender, in turn (default: 5; with --quick 3)').argParser(number))
    .addOption(new Option('--budget <seconds>', 'a contender that has taken so long in one case gets no further run there (default: 80, less for cases without a target; with --quick 15)').argParser(number))
    .addOption(new Option('--without <contenders>', `comma-separated, of ${contenderIds.join(' ')}`).argParser(contenders).default([]))
    .option('--quick', 'less of everything: some 12 minutes', false)
    .option('--full', 'every run of everybody, however long it takes: hours', false)
    .option('--ha', 'also the HA playbook on seven hosts (work f): some minutes', false)
    .option('--out <folder>', 'where the results go (default: test/bench/results; with --quick, --only (without --add) or --cpu-prof /tmp/ts-play-bench-results)')
    .option('--add', 'add what is measured to the results that are there, in the place of the same work; the rest of them stays', false)
    .option('--cpu-prof', 'profile ts-play: .cpuprofile files and the functions that took most', false)
    .option('--frames', 'print every frame of ts-play’s last run of each case', false)
    .option('--render', 'measure nothing: write table and plot again from bench.json', false)
    .parse(argv, { from: 'user' })
  const { only, rtt, runs, budget, without, quick, full, ha, out, add, cpuProf, frames, render } = command.opts<Flags>()
  return {
    only: [...(only ?? (quick ? QUICK : USUAL)), ...(ha ? ['f'] : [])],
    roundTrips: rtt ?? (quick ? [0, 50] : [0, 10, 50]),
    runs: runs ?? (quick ? 3 : 5),
    budget: full ? Infinity : 1000 * (budget ?? (quick ? 15 : 80)),
    without, quick, add, cpuProf, frames, render,
    // What is committed is a whole run, or has become one part by part.
    out: resolve(out ?? (render || !(quick || (only !== undefined && !add) || cpuProf) ? results : '/tmp/ts-play-bench-results')),
  }
}

function some(known: readonly string[]): (value: string) => readonly string[] {
  return value => words(value).map(word => {
    if (!known.includes(word)) throw new InvalidArgumentError(`one of ${known.join(' ')}`)
    return word
  })
}

function contenders(value: string): readonly ContenderId[] {
  return words(value).map(word => {
    const id = contenderIds.find(known => known === word)
    if (id === undefined) throw new InvalidArgumentError(`one of ${contenderIds.join(' ')}`)
    return id
  })
}

function numbers(value: string): readonly number[] {
  return words(value).map(word => {
    if (!/^\d{1,4}$/.test(word)) throw new InvalidArgumentError('milliseconds')
    return Number(word)
  })
}

function number(value: string): number {
  if (!/^[1-9]\d{0,5}$/.test(value)) throw new InvalidArgumentError('a whole number of at least 1')
  return Number(value)
}

const words = (value: string): readonly string[] => value.split(',').map(word => word.trim()).filter(word => word !== '')
