// Kind 1: unmap, its coverage rule, the unmap callback and its bounds (spec B9, B18).
import type { AccessOwner } from '@iommukit/io-pagetable'
import { describe, expect, it } from 'vitest'
import { codeOf, U64_MAX } from './fakes.ts'
import { CONTIG, Fixture, Owner, SCATTERED } from './fixture.ts'

const END = U64_MAX + 1n

/** A = [0x10000,0x13fff], B = [0x20000,0x20fff], as in the examples of B9. */
function twoAreas(): Fixture {
  const fixture = new Fixture()
  fixture.map(0x1_0000, 0x4000)
  fixture.map(0x2_0000, 0x1000, SCATTERED)
  return fixture
}

function doneOf(body: () => unknown): [string, bigint | undefined] {
  try {
    body()
  } catch (error) {
    const { code, done } = error as { code: string; done?: bigint }
    return [code, done]
  }
  return ['OK', undefined]
}

describe('unmapIova', () => {
  it('removes what the range covers and returns its bytes (examples of B9)', () => {
    expect(twoAreas().table.unmapIova(0x1_0000, 0x1_1000)).toBe(0x5000n)
    expect(twoAreas().table.unmapIova(0, 0x3_0000)).toBe(0x5000n)
    const fixture = twoAreas()
    expect(doneOf(() => fixture.table.unmapIova(0x1_1000, 0x1_0000))).toEqual(['ENOENT', 0n])
    expect(fixture.table.areaCount).toBe(2)
    expect(doneOf(() => fixture.table.unmapIova(0x1_0000, 0x1_0800))).toEqual(['ENOENT', 0x4000n])
    expect(fixture.spans()).toEqual([[0x2_0000n, 0x2_0fffn]])
  })

  it('B21 item 18: nothing mapped is 0 bytes, not an error', () => {
    const { table } = twoAreas()
    expect(table.unmapIova(0x1_4000, 0x1000)).toBe(0n)
    expect(new Fixture().table.unmapAll()).toBe(0n)
  })

  it('B21 item 20: length 0 is EINVAL, before the overflow', () => {
    const { table } = twoAreas()
    expect(doneOf(() => table.unmapIova(U64_MAX, 0))).toEqual(['EINVAL', undefined])
    expect(doneOf(() => table.unmapIova(U64_MAX, 2))).toEqual(['EOVERFLOW', undefined])
    expect(doneOf(() => table.unmapIova(2n, U64_MAX))).toEqual(['EOVERFLOW', undefined])
  })

  it('B21 item 10: stops behind an area that ends at 2^64-1', () => {
    const fixture = new Fixture()
    fixture.map(0x1000, 0x1000)
    fixture.map(END - 0x1000n, 0x1000)
    expect(fixture.table.unmapIova(END - 0x1000n, 0x1000)).toBe(0x1000n)
    expect(fixture.spans()).toEqual([[0x1000n, 0x1fffn]])
    fixture.map(END - 0x1000n, 0x1000)
    expect(doneOf(() => fixture.table.unmapIova(0, U64_MAX))).toEqual(['ENOENT', 0x1000n])
    expect(fixture.table.unmapAll()).toBe(0x1000n)
  })

  it('adds up more than 2^32 bytes', () => {
    const fixture = new Fixture()
    fixture.map(0x1000, 0xffff_f000n, CONTIG)
    fixture.map(0x1_0000_0000n, 0x1000, CONTIG)
    fixture.map(0x10_0000_0000n, 0x30_0000_0000n, CONTIG)
    expect(fixture.table.unmapAll()).toBe(0x31_0000_0000n)
  })
})

describe('the unmap callback', () => {
  it('B21 item 11: every registered access is told, pinning there or not, and accesses without a callback are skipped (K19)', () => {
    const fixture = twoAreas()
    const holder = new Owner(fixture.table)
    const bystander = new Owner(fixture.table)
    const reader: AccessOwner = { needsPin: false }
    for (const owner of [reader, bystander, holder]) fixture.table.addAccess(owner)
    holder.pin(0x1_1000n, 0x2000n)
    expect(fixture.table.unmapIova(0x1_0000, 0x4000)).toBe(0x4000n)
    expect(bystander.told).toEqual([[0x1_0000n, 0x4000n]])
    expect(holder.told).toEqual([[0x1_0000n, 0x4000n]])
    expect(fixture.world.pinnedTotal).toBe(0)
  })

  it('an area nobody holds is removed without telling anybody', () => {
    const fixture = twoAreas()
    const owner = new Owner(fixture.table)
    fixture.table.addAccess(owner)
    fixture.table.unmapAll()
    expect(owner.told).toEqual([])
  })

  for (const k of [1, 2, 50, 100, 101]) {
    it(`P10, K8: an owner that lets go at notification ${k} makes the unmap ${k <= 100 ? 'succeed' : 'fail with EDEADLOCK'}`, () => {
      const fixture = twoAreas()
      const owner = new Owner(fixture.table)
      fixture.table.addAccess(owner)
      owner.pin(0x2_0000n, 0x1000n)
      owner.onUnmap = (iova, length) => {
        if (owner.told.length >= k) owner.letGo(iova, length)
      }
      const result = doneOf(() => fixture.table.unmapAll())
      expect(result).toEqual(k <= 100 ? ['OK', undefined] : ['EDEADLOCK', 0x4000n])
      expect(owner.told.length).toBe(Math.min(k, 101))
    })
  }

  it('B21 item 12: preventAccess stays for good, pins and rw then are EINVAL, a cut EBUSY; a later unmap succeeds', () => {
    const fixture = twoAreas()
    const owner = new Owner(fixture.table)
    fixture.table.addAccess(owner)
    owner.pin(0x2_0000n, 0x1000n)
    owner.onUnmap = () => {}
    expect(doneOf(() => fixture.table.unmapIova(0x2_0000, 0x1000))).toEqual(['EDEADLOCK', 0n])
    owner.letGo(0n, U64_MAX)
    expect(codeOf(() => fixture.table.pinPages(0x2_0000, 0x1000, false))).toBe('EINVAL')
    expect(codeOf(() => fixture.table.rw(0x2_0000, new Uint8Array(1), { write: false }))).toBe('EINVAL')
    expect(codeOf(() => fixture.table.cutIova([0x2_07ff]))).toBe('EBUSY')
    expect(fixture.table.unmapIova(0x2_0000, 0x1000)).toBe(0x1000n)
  })

  it('K5: the tries are counted for each place: 150 adjacent areas that need one notification each can be unmapped', () => {
    const fixture = new Fixture()
    const owner = new Owner(fixture.table)
    fixture.table.addAccess(owner)
    for (let k = 0; k < 150; k++) {
      fixture.map(0x1_0000 + k * 0x1000, 0x1000)
      owner.pin(BigInt(0x1_0000 + k * 0x1000), 0x1000n)
    }
    expect(fixture.table.unmapAll()).toBe(150n * 0x1000n)
    expect(owner.told).toHaveLength(150)
  })

  it('B21 item 9: areas that the callback makes below the scan are not touched, and the scan does not start over', () => {
    const fixture = twoAreas()
    const owner = new Owner(fixture.table)
    fixture.table.addAccess(owner)
    owner.pin(0x2_0000n, 0x1000n)
    owner.onUnmap = (iova, length) => {
      owner.letGo(iova, length)
      fixture.map(0x1_0000, 0x1000)
    }
    expect(fixture.table.unmapAll()).toBe(0x5000n)
    expect(fixture.spans()).toEqual([[0x1_0000n, 0x1_0fffn]])
  })

  it('the callback may unmap the area itself, map another one in its place, and add and remove accesses', () => {
    const fixture = twoAreas()
    const { table } = fixture
    const owner = new Owner(table)
    const other = new Owner(table)
    const id = table.addAccess(owner)
    const otherId = table.addAccess(other)
    owner.pin(0x1_0000n, 0x4000n)
    owner.onUnmap = (iova, length) => {
      owner.letGo(iova, length)
      expect(table.unmapIova(iova, length)).toBe(length)
      fixture.map(0x1_0000, 0x2000)
      table.removeAccess(other, otherId)
      table.addAccess(new Owner(table))
      table.removeAccess(owner, id)
    }
    // The area in its place is of the range too, and nobody holds it.
    expect(table.unmapAll()).toBe(0x3000n)
    expect(owner.told).toHaveLength(1)
    expect(other.told).toHaveLength(0)
    expect(table.areaCount).toBe(0)
    expect(fixture.world.pinnedTotal).toBe(0)
  })

  it('B18 rule 4: an access that was removed meanwhile is skipped', () => {
    const fixture = twoAreas()
    const { table } = fixture
    const owners = [new Owner(table), new Owner(table), new Owner(table)]
    const ids = owners.map((owner) => table.addAccess(owner))
    owners[0]!.pin(0x2_0000n, 0x1000n)
    owners[0]!.onUnmap = (iova, length) => {
      owners[0]!.letGo(iova, length)
      table.removeAccess(owners[1]!, ids[1]!)
    }
    table.unmapAll()
    expect(owners.map(({ told }) => told.length)).toEqual([1, 0, 1])
  })

  it('may end the life of the table', () => {
    const fixture = twoAreas()
    const { table } = fixture
    const owner = new Owner(table)
    const id = table.addAccess(owner)
    owner.pin(0x2_0000n, 0x1000n)
    owner.onUnmap = (iova, length) => {
      owner.letGo(iova, length)
      table.removeAccess(owner, id)
      table.destroy()
    }
    expect(table.unmapAll()).toBe(0x4000n)
    expect(table.destroyed).toBe(true)
  })

  it('an owner that throws stops the unmap; the table works on', () => {
    const fixture = twoAreas()
    const owner = new Owner(fixture.table)
    fixture.table.addAccess(owner)
    owner.pin(0x1_0000n, 0x1000n)
    owner.onUnmap = () => {
      throw new Error('not now')
    }
    expect(() => fixture.table.unmapAll()).toThrow('not now')
    owner.onUnmap = undefined
    expect(fixture.table.unmapAll()).toBe(0x5000n)
  })
})

describe('ports', () => {
  it('B18 rule 2: a domain that calls back into any table is refused, and the map is undone', () => {
    const fixture = new Fixture()
    const other = fixture.newTable()
    const domain = fixture.newDomain()
    fixture.table.addDomain(domain)
    for (const intrusion of [
      () => fixture.table.unmapAll(),
      () => other.ranges(),
      () => fixture.map(0x8000, 0x1000),
      () => other.destroy(),
    ]) {
      domain.onMap = intrusion
      expect(() => fixture.map(0x1000, 0x1000)).toThrow(/broken invariant: a port .* called back into a table/)
      expect(fixture.table.areaCount).toBe(0)
    }
    domain.onMap = undefined
    expect(fixture.map(0x1000, 0x1000)).toBe(0x1000n)
  })

  it('B21 item 8: while the domains are being emptied the IOVAs are still taken', () => {
    // Nothing may call in there, so it shows only in the order: the map is gone from the domain before the area is.
    const fixture = new Fixture()
    const domain = fixture.newDomain()
    fixture.table.addDomain(domain)
    fixture.map(0x1000, 0x1000)
    let areasSeen = -1
    const unmap = domain.unmap.bind(domain)
    domain.unmap = (iova, length) => {
      areasSeen = fixture.table.areaCount
      return unmap(iova, length)
    }
    domain.unmapAt = (hi, lo, length) => Number(domain.unmap(BigInt(hi) * 2n ** 32n + BigInt(lo), BigInt(length)))
    fixture.table.unmapAll()
    expect([areasSeen, fixture.table.areaCount]).toEqual([1, 0])
  })
})
