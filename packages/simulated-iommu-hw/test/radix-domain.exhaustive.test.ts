// Kind 2: exhaustive over a small universe: every pair of maps over leaf borders, and every window read back and unmapped.
import { RadixDomain } from '@iommukit/simulated-iommu-hw'
import { checkInvariants } from '@iommukit/simulated-iommu-hw/check'
import { expect, it } from 'vitest'
import { NaiveTable, Runs, runsOf, thrownBy } from './oracle.ts'

const PAGE = 4096n
const POINTS = [0, 1, 511, 512, 513, 1024, 1025]

it('two maps between the borders of leaves: lookups, runs, and the tables given back', () => {
  let cases = 0
  for (const start of POINTS)
    for (const past of POINTS)
      for (const frame of [0, 1, 512])
        for (const second of POINTS) {
          if (past <= start) continue
          cases++
          const domain = new RadixDomain()
          const naive = new NaiveTable(PAGE)
          const map = (page: number, npages: number, pfn: number): string | undefined => {
            const [iova, phys, length] = [BigInt(page) * PAGE, BigInt(pfn) * PAGE, BigInt(npages) * PAGE]
            const free = naive.isFree(iova, length)
            if (free) naive.map(iova, phys, length)
            const code = thrownBy(() => domain.map(iova, phys, length, 3))
            expect(code).toBe(free ? undefined : 'EADDRINUSE')
            return code
          }
          map(start, past - start, frame + start)
          const mapped = map(second, 513, frame) === undefined
          for (const page of [...POINTS, 510, 1023, 1026, 1537, 1538])
            expect(domain.iovaToPhys(BigInt(page) * PAGE)).toBe(naive.iovaToPhys(BigInt(page) * PAGE))
          const sink = new Runs()
          domain.readRuns(BigInt(start) * PAGE, past - start, sink)
          expect(sink.runs).toEqual(runsOf(Array.from({ length: past - start }, (_, k) => frame + start + k)))
          expect(domain.unmap(BigInt(start) * PAGE, BigInt(past - start) * PAGE)).toBe(BigInt(past - start) * PAGE)
          if (mapped) expect(domain.unmap(BigInt(second) * PAGE, 513n * PAGE)).toBe(513n * PAGE)
          expect(domain.tableCount).toBe(1)
          checkInvariants(domain)
        }
  expect(cases).toBe(21 * 3 * 7)
})
