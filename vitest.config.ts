// vitest.config.ts: which tests run, and how. The full tier adds *.full.test.ts.
import { configDefaults, defineConfig } from 'vitest/config';

const full = process.env['CDBSERVE_FULL'] === '1';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(full ? [] : ['**/*.full.test.ts'])],
    // Processes, since the addons belong to one; one file at a time, since most files run servers
    // on two cores.
    pool: 'forks',
    fileParallelism: false,
    // Of tests that say so: they wait for a server most of the time.
    maxConcurrency: 10,
    testTimeout: full ? 900_000 : 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts', 'archiver/**/*.ts'],
      reporter: ['text', 'html'],
      reportsDirectory: 'coverage',
    },
  },
});
