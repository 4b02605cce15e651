// vitest.config.ts: which tests run, and how. The full tier adds *.full.test.ts.
import { configDefaults, defineConfig } from 'vitest/config';

const full = process.env['CDBSERVE_FULL'] === '1';

const exclude = [...configDefaults.exclude, ...(full ? [] : ['**/*.full.test.ts'])];

/** Functions alone: no server, no clock, so that two files run side by side. */
const PURE = [
  'test/{hot,format}/**/*.test.ts',
  'test/archiver/{rules,inspect}/**/*.test.ts',
  'test/spec/functions.test.ts',
];

export default defineConfig({
  test: {
    environment: 'node',
    projects: [
      {
        extends: true,
        test: {
          name: 'functions',
          include: PURE,
          exclude,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'processes',
          include: ['test/**/*.test.ts'],
          exclude: [...exclude, ...PURE],
          // Most files run servers on two cores.
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    // Processes, since the addons belong to one.
    pool: 'forks',
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
