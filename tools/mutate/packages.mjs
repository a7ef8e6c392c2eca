// The packages that are mutated as a whole, and what of their tests is left out of that.

/**
 * `leftOut`: tests that cannot notice a mutant (the README's example compiles its text anew, and workers run sources that Stryker has not prepared)
 * and those that take long: where most mutants of a file meet one of high trees, its endless loops alone take half an hour. Leaving tests out can only lower a score.
 */
export const mutated = {
  'interval-tree-span': { leftOut: ['readme.test.ts', 'interval-tree.exhaustive.test.ts', 'high-tree.test.ts'] },
  xarray: { leftOut: ['readme.test.ts', 'xarray.exhaustive.test.ts', 'boundaries.exhaustive.test.ts'] },
  'iova-bitmap': { leftOut: ['readme.test.ts', 'shared.test.ts', 'bitmap.exhaustive.test.ts'] },
}
