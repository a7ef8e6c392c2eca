/** Peers of `dirty.set.*`: bitsets that set ranges of bits. */
import type { Contender, Subject } from '../../src/scenario.ts'
import { type BitKind, bitSubject, type DirtyWork } from '../bit-subject.ts'

async function typedFastBitSet(work: DirtyWork): Promise<Subject> {
  const { TypedFastBitSet } = await import('typedfastbitset')
  const kind: BitKind<InstanceType<typeof TypedFastBitSet>> = {
    make(bits) {
      const set = new TypedFastBitSet()
      set.resize(bits)
      return set
    },
    setRange(set, first, nbits) {
      if (nbits === 1) set.add(first)
      else set.addRange(first, first + nbits)
    },
    bitsSet: (set) => set.size(),
  }
  return bitSubject(work, kind)
}

async function fastBitSet(work: DirtyWork): Promise<Subject> {
  interface Set {
    add(index: number): void
    resize(bits: number): void
    size(): number
  }
  const { default: FastBitSet } = (await import('fastbitset' as string)) as { default: new () => Set }
  const kind: BitKind<Set> = {
    make(bits) {
      const set = new FastBitSet()
      set.resize(bits)
      return set
    },
    setRange(set, first, nbits) {
      for (let bit = first; bit < first + nbits; bit++) set.add(bit)
    },
    bitsSet: (set) => set.size(),
  }
  return bitSubject(work, kind)
}

async function bitset(work: DirtyWork): Promise<Subject> {
  interface Set {
    set(index: number, value?: number): unknown
    setRange(from: number, to: number, value: number): unknown
    cardinality(): number
  }
  const { BitSet } = (await import('bitset')) as unknown as { BitSet: new () => Set }
  const kind: BitKind<Set> = {
    make(bits) {
      const set = new BitSet()
      set.set(bits, 1)
      set.set(bits, 0)
      return set
    },
    setRange(set, first, nbits) {
      if (nbits === 1) set.set(first, 1)
      else set.setRange(first, first + nbits - 1, 1)
    },
    bitsSet: (set) => set.cardinality(),
  }
  return bitSubject(work, kind)
}

async function roaring(work: DirtyWork): Promise<Subject> {
  const { RoaringBitmap32, roaringLibraryInitialize } = await import('roaring-wasm')
  await roaringLibraryInitialize()
  const kind: BitKind<InstanceType<typeof RoaringBitmap32>> = {
    make: () => new RoaringBitmap32(),
    setRange(set, first, nbits) {
      if (nbits === 1) set.add(first)
      else set.addRange(first, first + nbits)
    },
    bitsSet: (set) => set.size,
    release: (set) => set.dispose(),
  }
  return bitSubject(work, kind)
}

export function bitsetPeers(work: DirtyWork): Contender[] {
  return [
    { name: 'typedfastbitset@0.8.0', load: () => typedFastBitSet(work) },
    { name: 'fastbitset@0.5.2', load: () => fastBitSet(work) },
    { name: 'bitset@5.3.0', load: () => bitset(work) },
    { name: 'roaring-wasm@1.1.0', load: () => roaring(work) },
  ]
}
