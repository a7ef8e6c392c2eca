// The tests of one package for `pnpm mutate`: in one thread, without isolation, what notices most first, so that most mutants die early.
// MUTATE_TESTS=fuzz.model takes only the files whose name ends so: a quick first pass, after which only its survivors meet all tests.
import { defineConfig } from 'vitest/config'
import { BaseSequencer } from 'vitest/node'
import { mutated } from './packages.mjs'

const name = process.env.MUTATE_PACKAGE
const condition = '@iommukit/source'

/** The fuzz of a few thousand calls is over in a moment and notices most; examples come next, models last. */
function weight(file) {
  if (/fuzz/.test(file)) return 0
  return /model/.test(file) ? 2 : 1
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
    include: [`packages/${name}/test/**/*${process.env.MUTATE_TESTS ?? ''}.test.ts`],
    exclude: mutated[name].leftOut.map((file) => `packages/${name}/test/${file}`),
    pool: 'threads',
    isolate: false,
    fileParallelism: false,
    sequence: { sequencer: QuickFirst },
    testTimeout: 120_000,
  },
})
