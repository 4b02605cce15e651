// vitest.config.ts: which tests run, and how. The full tier adds *.full.test.ts.
import { configDefaults, defineConfig } from 'vitest/config';

const full = process.env['CDBSERVE_FULL'] === '1';

const exclude = [...configDefaults.exclude, ...(full ? [] : ['**/*.full.test.ts'])];

/**
 * They measure time or memory, keep both cores busy, or build what others run: no other file runs
 * beside them.
 */
const ALONE = [
  'test/archiver/{huge,killed,million}*.test.ts',
  'test/bench/**/*.test.ts',
  'test/guide/commands.test.ts',
  'test/install/**/*.test.ts',
  'test/preview/**/*.test.ts',
  'test/sandbox/health.test.ts',
  'test/site/{browser,preview}.test.ts',
  'test/spec/spec.test.ts',
  'test/wire/**/*.test.ts',
];

export default defineConfig({
  test: {
    environment: 'node',
    projects: [
      {
        extends: true,
        test: {
          name: 'pairs',
          include: ['test/**/*.test.ts'],
          exclude: [...exclude, ...ALONE, ...(full ? ['**/*.full.test.ts'] : [])],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: full ? [...ALONE, 'test/**/*.full.test.ts'] : ALONE,
          exclude,
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
