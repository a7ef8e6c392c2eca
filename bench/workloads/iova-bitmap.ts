/** `dirty.set.*`: pages marked in a bitmap over 64 GiB or 1 TiB at 4 KiB, counted, read back as ranges and harvested, beside bitsets from npm. */
import { IovaBitmap } from '@iommukit/iova-bitmap'
import { ours, type Phase, type Scenario } from '../src/scenario.ts'
import { addRun, type BitKind, bitSubject, type DirtyWork } from './bit-subject.ts'
import { bitsetPeers } from './peers/bitsets.ts'

const pageBytes = 4096
const pageShift = 12

interface Filled {
  readonly bitmap: IovaBitmap
  readonly buffer: Uint8Array
}

const iovaBitmap: BitKind<Filled> = {
  make(bits) {
    const buffer = new Uint8Array(bits / 8)
    return { bitmap: new IovaBitmap({ iova: 0n, length: BigInt(bits) * BigInt(pageBytes), pageSize: BigInt(pageBytes), buffer }), buffer }
  },
  // The memory of a fresh buffer comes page by page, when first written. The caller's buffer of the C reference was there before: only the sets are timed.
  touch: ({ buffer }) => void buffer.fill(0),
  // As a device model does it that counts in pages: the address in halves, without a multiplication in doubles.
  setRange({ bitmap }, first, nbits) {
    bitmap.setAt(first >>> (32 - pageShift), (first << pageShift) >>> 0, nbits << pageShift)
  },
  bitsSet: ({ bitmap }) => bitmap.count(),
  ranges({ bitmap }) {
    let sum = 0
    for (const run = bitmap.ranges(); !run.done; run.next()) sum = addRun(sum, run.index, run.lastIndex)
    return sum
  },
  harvest({ bitmap }) {
    let sum = 0
    for (const run = bitmap.harvest(); !run.done; run.next()) sum = addRun(sum, run.index, run.lastIndex)
    return sum
  },
}

interface Known {
  readonly checksum?: number
  readonly cNs?: number
  readonly goal?: number
}

const known: Readonly<Record<string, Known>> = {
  '64g.1p.rand': { checksum: 971059, cNs: 5.3, goal: 1 },
  '64g.1p.sorted': { checksum: 971059, cNs: 3.6, goal: 1 },
  '64g.2m.rand': { checksum: 16777195, cNs: 8.0, goal: 1 },
  '64g.2m.sorted': { checksum: 16777195, cNs: 5.9, goal: 1 },
  '1t.1p.rand': { checksum: 99978, cNs: 411, goal: 0.05 },
  '1t.1p.sorted': { checksum: 99978 },
}

const spaces = { '64g': { npages: 2 ** 24, sets: 1_000_000 }, '1t': { npages: 2 ** 28, sets: 100_000 } } as const
const widths = { '1p': 1, '2m': 512 } as const

function scenario(space: keyof typeof spaces, width: keyof typeof widths, order: 'rand' | 'sorted'): Scenario {
  const { npages, sets } = spaces[space]
  const work: DirtyWork = { npages, sets, pages: widths[width], sorted: order === 'sorted' }
  const { checksum, ...reference } = known[`${space}.${width}.${order}`] ?? {}
  const same = checksum === undefined ? {} : { checksum }
  const phases: Phase[] = [
    { name: 'set', unit: 'set', ops: sets, ...same, ...reference },
    { name: 'count', unit: 'page', ops: npages, ...same },
    { name: 'ranges', unit: 'page', ops: npages },
    { name: 'harvest', unit: 'page', ops: npages },
  ]
  return {
    name: `dirty.set.${space}.${width}.${order}`,
    package: 'iova-bitmap',
    source: 'bench/workloads/iova-bitmap.ts',
    smoke: space === '64g' && width === '1p',
    phases,
    contenders: [{ name: ours, load: () => bitSubject(work, iovaBitmap) }, ...bitsetPeers(work)],
  }
}

export const scenarios: readonly Scenario[] = (['64g', '1t'] as const).flatMap((space) =>
  (['1p', '2m'] as const).flatMap((width) => (['rand', 'sorted'] as const).map((order) => scenario(space, width, order))),
)
