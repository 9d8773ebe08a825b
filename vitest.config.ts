import { defineConfig } from 'vitest/config'

/** Files that keep nothing in a module of their own share what is read of them. */
const alone = ['test/protocol/**/*.test.ts', 'test/node/**/*.test.ts']

export default defineConfig({
  test: {
    expect: { requireAssertions: true },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Half of what a file of tests takes is waiting for nodes.
    maxWorkers: 2,
    reporters: process.env.CI === 'true' ? ['default', 'json'] : ['default'],
    outputFile: { json: 'node_modules/.cache/csx-test.json' },
    projects: [
      {
        extends: true,
        test: {
          name: 'parts',
          include: alone,
          globalSetup: ['test/support/global-setup.ts'],
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['test/**/*.test.ts'],
          exclude: ['test/bench/**', ...alone],
          globalSetup: ['test/support/global-setup.ts'],
        },
      },
    ],
  },
})
