import { defineConfig } from 'vitest/config'

const report = process.env['TS_PLAY_REPORT']

/** Three projects: `unit` needs nothing, `lab` real hosts with Debian's packages, `ha` a whole cluster. */
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
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/lab/**', 'test/ha/**'], testTimeout: 20_000 },
      },
      {
        extends: true,
        test: { name: 'lab', include: ['test/lab/**/*.test.ts'], testTimeout: 180_000, hookTimeout: 300_000, fileParallelism: false },
      },
      {
        extends: true,
        test: { name: 'ha', include: ['test/ha/**/*.test.ts'], testTimeout: 1_800_000, hookTimeout: 1_800_000, fileParallelism: false },
      },
    ],
  },
})
