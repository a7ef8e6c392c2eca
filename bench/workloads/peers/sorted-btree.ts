/** sorted-btree is CommonJS: depending on who imports it, the class is the default export or the default of the default. */
export interface SortedTree {
  set(key: number, value: number): boolean
  get(key: number): number | undefined
  delete(key: number): boolean
  /** Stops when `visit` returns an object whose `break` is defined. */
  forRange(low: number, high: number, includeHigh: boolean, visit: (key: number, value: number) => unknown): unknown
  nextLowerPair(key: number): [number, number] | undefined
  getPairOrNextHigher(key: number): [number, number] | undefined
}

type Make = new () => SortedTree

export async function loadSortedBtree(): Promise<Make> {
  const { default: loaded } = (await import('sorted-btree')) as unknown as { default: Make | { default: Make } }
  return 'default' in loaded ? loaded.default : loaded
}
