import { defineConfig } from 'vitest/config'

// One group after the other: what measures time or drives a browser does not compete with the unit specs.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src/**/*.spec.ts',
            'renderer/**/*.spec.ts',
            'main/**/*.spec.ts',
            'scripts/**/*.spec.ts',
            'test/architecture.spec.ts',
            'test/properties/**/*.spec.ts',
          ],
          // This process only waits: every core is used.
          maxWorkers: '100%',
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'conformance',
          include: ['conformance', 'examples', 'captures', 'rules', 'reports'].map(
            (folder) => `test/${folder}/**/*.spec.ts`,
          ),
          sequence: { groupOrder: 1 },
          // Thousands of runs: every core is used, this process only waits.
          maxWorkers: '100%',
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'engine',
          include: ['test/engine/**/*.spec.ts'],
          sequence: { groupOrder: 2 },
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.spec.ts'],
          sequence: { groupOrder: 3 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
