// The tests of one package for `pnpm mutate`: in one thread, without isolation, the quick ones first, so that most mutants die early.
import { defineConfig } from 'vitest/config'
import { BaseSequencer } from 'vitest/node'
import { mutated } from './packages.mjs'

const name = process.env.MUTATE_PACKAGE
const condition = '@iommukit/source'

/** Plain examples take milliseconds; models and what is exhaustive, seconds. */
function weight(file) {
  if (/exhaustive/.test(file)) return 3
  if (/fuzz/.test(file)) return 2
  return /model/.test(file) ? 1 : 0
}

class QuickFirst extends BaseSequencer {
  async sort(files) {
    return [...files].sort((a, b) => weight(a.moduleId) - weight(b.moduleId) || (a.moduleId < b.moduleId ? -1 : 1))
  }
}

export default defineConfig({
  resolve: { conditions: [condition] },
  ssr: { resolve: { conditions: [condition], externalConditions: [condition] } },
  test: {
    include: [`packages/${name}/test/**/*.test.ts`],
    exclude: mutated[name].leftOut.map((file) => `packages/${name}/test/${file}`),
    pool: 'threads',
    isolate: false,
    fileParallelism: false,
    sequence: { sequencer: QuickFirst },
    testTimeout: 120_000,
  },
})
