// Kind 1 of docs/TESTING.md: which of the three ways of rw a copy takes, told by what a page that became inaccessible answers.

import { Area, addAccess, type Origin, Pages, type PfnRunSink, removeAccess, rwAccess } from '@iommukit/pfn-reader'
import { describe, expect, it } from 'vitest'

const PAGE = 4096

/** Two pages of memory behind frames 7 and 9; page 0 can be made inaccessible, which earlier pins survive. */
function world(withDirect: boolean) {
  const bytes = new Map([7, 9].map((pfn) => [pfn, new Uint8Array(PAGE).fill(pfn)]))
  const state = { firstIsAccessible: true, pins: 0 }
  const fault = (): Error => Object.assign(new Error('no memory'), { code: 'EFAULT' })
  const source = {
    pin(firstIndex: number, npages: number, _write: boolean, into: PfnRunSink): number {
      if (firstIndex === 0 && !state.firstIsAccessible) throw fault()
      let done = 0
      while (done < npages && into.add(firstIndex + done === 0 ? 7 : 9, 1)) done++
      state.pins += done
      return done
    },
    unpin(_pfn: number, npfns: number): void {
      state.pins -= npfns
    },
    ...(withDirect
      ? {
          direct: {
            read: (byteOffset: number, out: Uint8Array): void => {
              if (byteOffset < PAGE && !state.firstIsAccessible) throw fault()
              out.fill(1)
            },
            write: (): void => {},
          },
        }
      : {}),
  }
  const frames = {
    copyOut: (pfn: number, offsetInPage: number, out: Uint8Array): void =>
      out.set(bytes.get(pfn)!.subarray(offsetInPage, offsetInPage + out.length)),
    copyIn: (pfn: number, offsetInPage: number, data: Uint8Array): void => bytes.get(pfn)!.set(data, offsetInPage),
  }
  const origin: Origin = { source: () => source, frames, accounting: { charge() {}, uncharge() {} }, accountMode: 'none' }
  return { state, pages: new Pages(0n, BigInt(2 * PAGE), true, origin, { limitBytes: 65536 }) }
}

function read(pages: Pages, length: number, slow: boolean): number {
  const data = new Uint8Array(length)
  rwAccess(pages, 0, data, { write: false, slow })
  return data[0]!
}

describe('the ways of rw (spec A14)', () => {
  it('is direct where the source offers it, and not when slow is asked for', () => {
    const { pages } = world(true)
    expect(read(pages, 10, false)).toBe(1)
    expect(read(pages, 10, true)).toBe(7)
  })

  it('pins the page of a copy inside one page anew even with slow, so an inaccessible page is EFAULT (recorded: random/fault/1013)', () => {
    const { pages, state } = world(true)
    const area = new Area(0, 0x10000, 0, 0x11fff, 0, 1, 0, 3)
    area.pages = pages
    addAccess(area, 0, 1, false)
    state.firstIsAccessible = false
    expect(read(pages, PAGE + 1, true)).toBe(7)
    expect(() => read(pages, PAGE, true)).toThrow(/no memory/)
    expect(() => read(pages, PAGE, false)).toThrow(/no memory/)
    removeAccess(area, 0, 1)
    expect(state.pins).toBe(0)
  })

  it('goes through both pages of a copy that crosses a page, and keeps no pin', () => {
    const { pages, state } = world(false)
    const data = new Uint8Array(PAGE + 1)
    rwAccess(pages, 0, data, { write: false, slow: true })
    expect([data[0], data[PAGE]]).toEqual([7, 9])
    expect(state.pins).toBe(0)
  })
})
