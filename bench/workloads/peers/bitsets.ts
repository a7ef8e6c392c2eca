/**
 * Peers of `dirty.set.*`: bitsets that set ranges of bits. They report bit by bit, and the bits are joined into runs here; `bitset` can only be asked for each
 * bit of all, and is left out of that. roaring-wasm keeps its cardinality, so its `count` reads a number that its sets have paid for.
 */
import type { Contender, Subject } from '../../src/scenario.ts'
import { type BitKind, bitSubject, type DirtyWork, RunsOfBits } from '../bit-subject.ts'

function runsOfEach(set: { forEach(fn: (bit: number) => void): void }): number {
  const runs = new RunsOfBits()
  set.forEach((bit) => {
    runs.bit(bit)
  })
  return runs.end()
}

function runsOfList(bits: Uint32Array): number {
  const runs = new RunsOfBits()
  for (let k = 0; k < bits.length; k++) runs.bit(bits[k]!)
  return runs.end()
}

async function typedFastBitSet(work: DirtyWork): Promise<Subject> {
  const { TypedFastBitSet } = await import('typedfastbitset')
  const kind: BitKind<InstanceType<typeof TypedFastBitSet>> = {
    make(bits) {
      const set = new TypedFastBitSet()
      set.resize(bits)
      return set
    },
    touch: (set) => void set.words.fill(0),
    setRange(set, first, nbits) {
      if (nbits === 1) set.add(first)
      else set.addRange(first, first + nbits)
    },
    bitsSet: (set) => set.size(),
    ranges: runsOfEach,
    harvest(set) {
      const sum = runsOfEach(set)
      set.clear()
      return sum
    },
  }
  return bitSubject(work, kind)
}

async function fastBitSet(work: DirtyWork): Promise<Subject> {
  interface Set {
    add(index: number): void
    resize(bits: number): void
    size(): number
    forEach(fn: (bit: number) => void): void
    clear(): void
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
    ranges: runsOfEach,
    harvest(set) {
      const sum = runsOfEach(set)
      set.clear()
      return sum
    },
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
    ranges: (set) => runsOfList(set.toUint32Array()),
    harvest(set) {
      const sum = runsOfList(set.toUint32Array())
      set.clear()
      return sum
    },
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
