import { defineConfig } from 'vitest/config'

const report = process.env['TS_PLAY_REPORT']
const MACHINE = 'test/lab/lab.test.ts'
/** What measures: it runs alone, as anything beside it would be measured too. */
const SCALE = ['test/connection/many-hosts.test.ts', 'test/connection/round-trips.test.ts', 'test/connection/throughput.test.ts', 'test/bench/scale.test.ts']
/** Lab tests of some minutes each: what kills the controller, apt, the network or a balancer at many moments, and a repository of packages. */
const LONG = ['kill-points', 'resources-apt', 'cut-network', 'repository', 'loadbalancer'].map(name => `test/lab/${name}.test.ts`)
/** A cluster for each way to its API, and one that moves. */
const ENDPOINTS = ['test/ha/endpoint.test.ts', 'test/ha/growth.test.ts']

/** `unit` needs nothing, `scale` compares times and sizes, `machine` and `lab` make real hosts with Debian's packages, `ha` a whole cluster, `endpoints` one for each way to its API. */
export default defineConfig({
  resolve: { conditions: ['ts-play-source', 'node', 'import'] },
  ssr: { resolve: { conditions: ['ts-play-source', 'node', 'import'] } },
  test: {
    // `.ci/run` counts from the JSON report; people read the usual one.
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    typecheck: { enabled: false },
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/lab/**', 'test/ha/**', ...SCALE], testTimeout: 20_000, maxWorkers: 4, sequence: { groupOrder: 2 } },
      },
      // Alone, because it compares the machine before and after a lab.
      {
        extends: true,
        test: { name: 'machine', include: [MACHINE], testTimeout: 180_000, hookTimeout: 300_000, sequence: { groupOrder: 0 } },
      },
      // Four at a time: hosts boot and packages come while another one computes. Units wait for processes more than they compute, too.
      {
        extends: true,
        test: { name: 'lab', include: ['test/lab/**/*.test.ts'], exclude: [MACHINE, ...LONG], testTimeout: 180_000, hookTimeout: 300_000, maxWorkers: 4, sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        test: { name: 'long', include: LONG, testTimeout: 180_000, hookTimeout: 300_000, maxWorkers: 4, sequence: { groupOrder: 11 } },
      },
      {
        extends: true,
        test: { name: 'scale', include: SCALE, testTimeout: 180_000, hookTimeout: 120_000, fileParallelism: false, sequence: { groupOrder: 4 } },
      },
      {
        extends: true,
        test: { name: 'ha', include: ['test/ha/cluster.test.ts'], testTimeout: 1_800_000, hookTimeout: 1_800_000, fileParallelism: false, sequence: { groupOrder: 3 } },
      },
      {
        extends: true,
        test: { name: 'endpoints', include: ENDPOINTS, testTimeout: 1_800_000, hookTimeout: 1_800_000, fileParallelism: false, sequence: { groupOrder: 5 } },
      },
      {
        extends: true,
        test: { name: 'restore', include: ['test/ha/s3.test.ts', 'test/ha/restore.test.ts'], testTimeout: 1_800_000, hookTimeout: 1_800_000, fileParallelism: false, sequence: { groupOrder: 6 } },
      },
      {
        extends: true,
        test: { name: 'external-etcd', include: ['test/ha/external-etcd.test.ts', 'test/ha/external-etcd-restore.test.ts', 'test/ha/stacked-defrag.test.ts'], testTimeout: 1_800_000, hookTimeout: 1_800_000, fileParallelism: false, sequence: { groupOrder: 7 } },
      },
      {
        extends: true,
        test: { name: 'network', include: ['test/ha/network.test.ts'], testTimeout: 1_800_000, hookTimeout: 1_800_000, fileParallelism: false, sequence: { groupOrder: 8 } },
      },
      {
        extends: true,
        test: { name: 'faults', include: ['test/ha/faults.test.ts'], testTimeout: 1_800_000, hookTimeout: 1_800_000, fileParallelism: false, sequence: { groupOrder: 9 } },
      },
      {
        extends: true,
        test: { name: 'kill-install', include: ['test/ha/kill-install.test.ts'], testTimeout: 1_800_000, hookTimeout: 1_800_000, fileParallelism: false, sequence: { groupOrder: 10 } },
      },
      {
        extends: true,
        test: { name: 'k3s', include: ['test/ha/k3s.test.ts'], testTimeout: 900_000, hookTimeout: 1_800_000, fileParallelism: false, sequence: { groupOrder: 7 } },
      },
    ],
  },
})
