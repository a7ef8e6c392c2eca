import { defineConfig } from 'vitest/config'

// Tests read the packages' sources through the condition '@iommukit/source': no build stands between an edit and its test.
export default defineConfig({
  resolve: { conditions: ['@iommukit/source'] },
  ssr: { resolve: { conditions: ['@iommukit/source'], externalConditions: ['@iommukit/source'] } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'bench/test/**/*.test.ts', 'tools/**/*.test.mjs'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
