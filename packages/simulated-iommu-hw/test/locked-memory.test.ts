// Kind 1: examples on both sides of each boundary; kind 5: the n-th charge fails.
import { LockedMemory, UserAccount } from '@iommukit/simulated-iommu-hw'
import { describe, expect, it } from 'vitest'
import { thrownBy } from './oracle.ts'

describe('LockedMemory (pages-and-io-pagetable A7)', () => {
  it('the example of A7: 10 pages allowed, 8 used by others', () => {
    const locked = new LockedMemory({ limitBytes: 40960 })
    locked.user.lockedPages = 8
    expect(thrownBy(() => locked.charge('user', 3))).toBe('ENOMEM')
    expect([locked.user.lockedPages, locked.pinnedPages]).toEqual([8, 0])
    locked.charge('user', 2)
    expect([locked.user.lockedPages, locked.pinnedPages]).toEqual([10, 2])
    expect(thrownBy(() => locked.charge('user', 1))).toBe('ENOMEM')
  })

  it('the limit is floor(bytes / 4096), read at each charge', () => {
    const locked = new LockedMemory({ limitBytes: 8191n })
    expect(locked.limitPages).toBe(1)
    locked.charge('mm', 1)
    expect(thrownBy(() => locked.charge('mm', 1))).toBe('ENOMEM')
    locked.limitBytes = 8192
    locked.charge('mm', 1)
    locked.limitBytes = 0
    expect(thrownBy(() => locked.charge('mm', 1))).toBe('ENOMEM')
    locked.uncharge('mm', 2)
    expect([locked.mmLockedPages, locked.pinnedPages]).toEqual([0, 0])
  })

  it('mode none has no limit, and every mode moves the statistic', () => {
    const locked = new LockedMemory({ limitBytes: 0 })
    locked.charge('none', 2 ** 40)
    expect([locked.user.lockedPages, locked.mmLockedPages, locked.pinnedPages]).toEqual([0, 0, 2 ** 40])
    locked.uncharge('none', 2 ** 40)
    expect(locked.pinnedPages).toBe(0)
    expect(new LockedMemory().limitBytes).toBe(2n ** 64n - 1n)
  })

  it('processes of one user share a counter, others do not', () => {
    const user = new UserAccount()
    const [a, b] = [new LockedMemory({ user, limitBytes: 4096 }), new LockedMemory({ user, limitBytes: 4096 })]
    a.charge('user', 1)
    expect(thrownBy(() => b.charge('user', 1))).toBe('ENOMEM')
    b.charge('mm', 1)
    a.uncharge('user', 1)
    b.charge('user', 1)
    expect([a.pinnedPages, b.pinnedPages, user.lockedPages]).toEqual([0, 2, 1])
  })

  it('taking away more than was charged is a bug of the caller', () => {
    const locked = new LockedMemory()
    locked.charge('user', 2)
    for (const [mode, npages] of [
      ['user', 3],
      ['mm', 1],
      ['none', 3],
    ] as const)
      expect(thrownBy(() => locked.uncharge(mode, npages))).toBe('HardwareInvariantError')
    expect([locked.user.lockedPages, locked.pinnedPages]).toEqual([2, 2])
  })

  it('the n-th charge can be made to fail, once', () => {
    const locked = new LockedMemory()
    locked.chargeFault.failAt(2)
    locked.charge('user', 1)
    expect(thrownBy(() => locked.charge('user', 1))).toBe('ENOMEM')
    locked.charge('user', 1)
    expect([locked.chargeFault.calls, locked.chargeFault.armed, locked.user.lockedPages]).toEqual([3, false, 2])
    locked.chargeFault.failAt(1, 'EIO')
    locked.chargeFault.disarm()
    locked.charge('user', 1)
  })
})
