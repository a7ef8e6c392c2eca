// The checks of invariants, checked (kind 1): each names what is wrong when a bitmap's inner state has been damaged.
import { IovaBitmap } from '@iommukit/iova-bitmap'
import { checkInvariants } from '@iommukit/iova-bitmap/check'
import { describe, expect, it } from 'vitest'
import { internalsOf } from '../src/iova-bitmap.ts'
import { TestSource } from './oracle.ts'

function inMemory(): IovaBitmap {
  return new IovaBitmap({ iova: 0, length: 100, pageSize: 1, buffer: new Uint8Array(13) })
}

function pinned(): IovaBitmap {
  const bitmap = new IovaBitmap({ iova: 0, length: 100, pageSize: 1, source: new TestSource(new Uint8Array(13)), windowBytesMax: 4 })
  bitmap.set(40, 1)
  return bitmap
}

function freed(): IovaBitmap {
  const bitmap = pinned()
  bitmap.free()
  return bitmap
}

function unpinned(): IovaBitmap {
  return new IovaBitmap({ iova: 0, length: 100, pageSize: 1, source: new TestSource(new Uint8Array(13)) })
}

/** Overwrites fields that nothing but a fault would. */
function damage(part: object, fields: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(fields)) Object.defineProperty(part, name, { value })
}

type Part = 'geometry' | 'window' | 'segment'

describe('checkInvariants', () => {
  it('says nothing of what is whole', () => {
    for (const make of [inMemory, pinned, freed, unpinned]) checkInvariants(make())
  })

  it.each<[string, () => IovaBitmap, Part, Record<string, unknown>, RegExp]>([
    ['no pages', inMemory, 'geometry', { npages: 0 }, /npages is 0/],
    ['too many pages', inMemory, 'geometry', { npages: 2 ** 53 + 2 }, /npages is 9007199254740994/],
    ['another number of pages', inMemory, 'geometry', { npages: 99 }, /npages does not follow/],
    ['another number of bytes', inMemory, 'geometry', { nbytes: 14 }, /nbytes is 14 for 100 pages/],
    ['a pin too many', pinned, 'window', { pins: 2 }, /2 pins, 0 unpins, 1 pinned/],
    ['an unpin too many', freed, 'window', { unpins: 2 }, /1 pins, 2 unpins, 0 pinned/],
    ['words that end elsewhere', inMemory, 'segment', { wordsLast: 64 }, /words do not end/],
    ['more bytes behind the words', inMemory, 'segment', { bytes: new Uint8Array(20) }, /more than three bytes behind/],
    ['four bytes behind the words', inMemory, 'segment', { bytes: new Uint8Array(16) }, /more than three bytes behind/],
    ['a window after free', freed, 'window', { last: 5 }, /freed bitmap has a window/],
    ['a writable window after free', freed, 'window', { writeLast: 5 }, /freed bitmap has a window/],
    ['memory pinned after free', freed, 'window', { view: new Uint8Array(1), pins: 2 }, /freed bitmap has a window/],
    ['a window that ends early and is writable up to there', inMemory, 'window', { last: 98, writeLast: 98 }, /not the whole bitmap/],
    ['a window that is not all', inMemory, 'window', { last: 98 }, /not the whole bitmap/],
    ['a window that does not begin at 0', inMemory, 'window', { first: 8 }, /not the whole bitmap/],
    ['memory that may not be written', inMemory, 'window', { writeLast: -1 }, /not the whole bitmap/],
    ['memory of another length', inMemory, 'segment', { bytes: new Uint8Array(14) }, /memory is not the size/],
    ['a window that begins inside a byte', pinned, 'window', { first: 41 }, /the window is 41\.\.71/],
    ['an inverted window', pinned, 'window', { last: 39 }, /the window is 40\.\.39/],
    ['a window beyond the end', pinned, 'window', { last: 100 }, /the window is 40\.\.100/],
    ['a window shorter than its bytes', pinned, 'window', { last: 70 }, /does not end where its bytes do/],
    ['a window half writable', pinned, 'window', { writeLast: 60 }, /half writable/],
    ['a window without memory', unpinned, 'window', { last: 7 }, /without memory/],
    ['a writable window without memory', unpinned, 'window', { writeLast: 7 }, /without memory/],
  ])('tells %s', (_, make, part, fields, message) => {
    const bitmap = make()
    const { geometry, window } = internalsOf(bitmap, 'bitmap')
    damage({ geometry, window, segment: window.segment }[part], fields)
    expect(() => checkInvariants(bitmap)).toThrow(message)
    expect(() => checkInvariants(bitmap)).toThrow(/^IovaBitmap invariant: /)
  })

  it('tells more bytes pinned than may be', () => {
    const bitmap = new IovaBitmap({ iova: 0, length: 100, pageSize: 1, source: new TestSource(new Uint8Array(13)) })
    bitmap.set(0, 1)
    const { window } = internalsOf(bitmap, 'bitmap')
    damage(window, { plan: { bytesAt: () => 12 } })
    expect(() => checkInvariants(bitmap)).toThrow(/more is pinned than may be/)
  })
})
