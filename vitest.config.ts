import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/bench/**'],
    globalSetup: ['test/support/global-setup.ts'],
    expect: { requireAssertions: true },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Tests wait for timers and children more than they compute: one at a time two cores would be idle half the time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: process.env.CI === 'true' ? ['default', 'json'] : ['default'],
    outputFile: { json: 'node_modules/.cache/csx-test.json' },
  },
})
