import { configDefaults, defineConfig } from 'vitest/config'

// Suites that need a program which npm cannot bring run when set-up has found it and says so here; `npm test` reports the others as not run.
const withoutTools = [
  ...(process.env.IOMMUKIT_CHROMIUM ? [] : ['**/*.browser.test.*']),
  ...(process.env.IOMMUKIT_VALGRIND ? [] : ['**/*.valgrind.test.*']),
]

// Tests read the packages' sources through the condition '@iommukit/source': no build stands between an edit and its test.
export default defineConfig({
  resolve: { conditions: ['@iommukit/source'] },
  ssr: { resolve: { conditions: ['@iommukit/source'], externalConditions: ['@iommukit/source'] } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'bench/test/**/*.test.ts', 'tools/**/*.test.mjs'],
    exclude: [...configDefaults.exclude, ...withoutTools],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
