// Kind 1, at the level of types: a bitmap of iova-bitmap fits the port of a dirty sink by shape. The compiler is the test; the run shows that it is used so.
import { IovaBitmap, type SharedIovaBitmap } from '@iommukit/iova-bitmap'
import type { DirtySink, DomainDirty } from '@iommukit/pfn-reader'
import { expect, expectTypeOf, it } from 'vitest'

it('IovaBitmap fits DirtySink', () => {
  expectTypeOf<IovaBitmap>().toExtend<DirtySink>()
  expectTypeOf<SharedIovaBitmap>().toExtend<DirtySink>()
  expectTypeOf<Parameters<DomainDirty['readAndClear']>[3]>().toEqualTypeOf<DirtySink | undefined>()
  // A type that is `any` would fit everything, and one without members would be fitted by everything.
  expectTypeOf<IovaBitmap>().not.toBeAny()
  expectTypeOf<DirtySink>().not.toBeAny()
  expectTypeOf<Record<string, never>>().not.toExtend<DirtySink>()

  const bitmap = new IovaBitmap({ iova: 0x10_0000_0000n, length: 0x1_0000, pageSize: 4096, buffer: new Uint8Array(2) })
  const domain: Pick<DomainDirty, 'readAndClear'> = {
    readAndClear(iova, length, _noClear, sink) {
      sink?.record(iova, length)
      sink?.recordAt(0x10, 0xf000, 4096)
    },
  }
  domain.readAndClear(0x10_0000_1000n, 0x2000n, false, bitmap)
  expect([...bitmap.ranges()]).toEqual([
    { iova: 0x10_0000_1000n, last: 0x10_0000_2fffn, length: 0x2000n },
    { iova: 0x10_0000_f000n, last: 0x10_0000_ffffn, length: 0x1000n },
  ])
})
