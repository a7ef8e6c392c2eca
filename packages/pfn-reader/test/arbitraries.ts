// What the model-based tests draw from: the kinds of frame lists and limits of spec pages-and-io-pagetable A15.
import fc from 'fast-check'

export const limits: readonly number[] = [12, 16, 24, 32, 64, 65536]

export const limitBytes: fc.Arbitrary<number> = fc.constantFrom(...limits)

/** Frames for `npages` pages from `base` on, all different, below base + 8 * npages. */
export function frames(base: number, npages: number): fc.Arbitrary<number[]> {
  const index = Array.from({ length: npages }, (_, at) => at)
  return fc.oneof(
    fc.constant(index.map((at) => base + at)),
    fc.constant(index.map((at) => base + 2 * at)),
    fc.constant(index.map((at) => base + npages - 1 - at)),
    fc.constant(index.map((at) => base + 4 * (at >> 1) + (at & 1))),
    fc.constant(index.map((at) => base + 4 * (at >> 1) + 1 - (at & 1))),
    fc.array(fc.integer({ min: 1, max: 8 }), { minLength: npages, maxLength: npages }).chain((lengths) => {
      // Runs of 1 to 8 frames with a gap of one frame behind each, in any order.
      const runs: number[][] = []
      let pfn = base
      for (let at = 0, run = 0; at < npages; run++) {
        const npfns = Math.min(lengths[run]!, npages - at)
        runs.push(Array.from({ length: npfns }, (_, k) => pfn + k))
        pfn += npfns + 1
        at += npfns
      }
      return fc.shuffledSubarray(runs, { minLength: runs.length, maxLength: runs.length }).map((shuffled) => shuffled.flat())
    }),
  )
}
