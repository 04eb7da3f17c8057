import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['src/**/*.spec.ts', 'main/**/*.spec.ts', 'test/architecture.spec.ts', 'test/conformance/**/*.spec.ts'], testTimeout: 20_000 } },
      { test: { name: 'engine', include: ['test/engine/**/*.spec.ts'], testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false } },
      { test: { name: 'e2e', include: ['test/e2e/**/*.spec.ts'], testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false } },
    ],
  },
})
