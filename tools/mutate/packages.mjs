// The packages that are mutated as a whole, and what of their tests is left out of that.

/**
 * `leftOut`: tests that cannot notice a mutant. The README's example compiles its text anew, and workers run sources that Stryker has not
 * prepared, so both only cost time.
 */
export const mutated = {
  'interval-tree-span': { leftOut: ['readme.test.ts'] },
  xarray: { leftOut: ['readme.test.ts'] },
  'iova-bitmap': { leftOut: ['readme.test.ts', 'shared.test.ts'] },
}
