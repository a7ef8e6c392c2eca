// Differential fuzz (kind 3): random calls on bitmaps of every make against one byte a page. FUZZ_SEED and FUZZ_OPS choose the run.
import { type DirtyRanges, IovaBitmap, IovaBitmapError, SharedIovaBitmap } from '@iommukit/iova-bitmap'
import { checkInvariants } from '@iommukit/iova-bitmap/check'
import { expect, it } from 'vitest'
import { guarded, MAX, seeded, TestSource } from './oracle.ts'

const SEED = Number(process.env.FUZZ_SEED ?? 1)
const OPS = Number(process.env.FUZZ_OPS ?? 1_000_000)
/** Parts, so that none takes long. */
const PARTS = 5
const OPS_A_ROUND = 150

function least(a: bigint, b: bigint): bigint {
  if (a < b) return a
  return b
}

/** One byte a page, and the two roundings written out in bigints. */
class Model {
  readonly iova: bigint
  readonly last: bigint
  readonly pageSize: bigint
  readonly pages: Uint8Array

  constructor(iova: bigint, last: bigint, pageSize: bigint) {
    this.iova = iova
    this.last = last
    this.pageSize = pageSize
    this.pages = new Uint8Array(Number((last - iova) / pageSize + 1n))
  }

  /** [first, last + 1) of the pages touched. */
  outward(iova: bigint, length: bigint): [number, number] {
    const from = iova > this.iova ? iova : this.iova
    const to = least(iova + length - 1n, this.last)
    if (length === 0n || from > to) return [0, 0]
    return [Number((from - this.iova) / this.pageSize), Number((to - this.iova) / this.pageSize) + 1]
  }

  /** [first, last + 1) of the pages wholly inside. */
  inward(iova: bigint, length: bigint): [number, number] {
    const [first, end] = this.outward(iova, length)
    if (first === end) return [0, 0]
    const from = iova <= this.iova ? 0n : (iova - this.iova + this.pageSize - 1n) / this.pageSize
    const to = iova + length - 1n >= this.last ? BigInt(this.pages.length) : (iova + length - this.iova) / this.pageSize
    return from < to ? [Number(from), Number(to)] : [0, 0]
  }

  count(first: number, end: number): number {
    let total = 0
    for (let page = first; page < end; page++) total += this.pages[page]!
    return total
  }

  runs(first: number, end: number): number[] {
    const list: number[] = []
    for (let page = first; page < end; page++) {
      if (this.pages[page] === 0) continue
      if (page > first && this.pages[page - 1] === 1) list[list.length - 1] = page
      else list.push(page, page)
    }
    return list
  }

  /** The dirty addresses, as text. */
  addresses(): string {
    const ends = this.runs(0, this.pages.length).map((page, at) => this.iova + BigInt(page + (at & 1)) * this.pageSize - BigInt(at & 1))
    return ends.map((address) => least(address, this.last)).join()
  }
}

interface Subject {
  bitmap: IovaBitmap
  model: Model
  bytes: Uint8Array
  source: TestSource | undefined
  isIntact: () => boolean
  unused: number
}

type Below = (below: number) => number

function makeSubject(below: Below, like?: Subject): Subject {
  const shift = below(3) === 0 ? below(64) : [0, 1, 12, 21][below(4)]!
  const pageSize = like !== undefined && below(2) === 0 ? like.model.pageSize : 1n << BigInt(shift)
  const fitting = MAX / pageSize + 1n
  const wanted = BigInt(1 + below(below(8) === 0 ? 2000 : 260))
  const npages = wanted > fitting ? fitting : wanted
  const length = npages * pageSize - ((BigInt(below(1 << 30)) * BigInt(below(1 << 30))) % pageSize)
  const room = MAX - length + 1n
  const anywhere = (BigInt(below(2 ** 32)) << 32n) | BigInt(below(2 ** 32))
  const near = like === undefined ? anywhere : like.model.iova + BigInt(below(3)) * pageSize
  const unaligned = [0n, room, anywhere, near][below(4)]! % (room + 1n)
  const iova = below(2) === 0 ? unaligned : unaligned - (unaligned % pageSize)
  const given = { iova, last: iova + length - 1n, pageSize }
  const kind = below(4)
  const { bytes, isIntact } = guarded(Number((npages + 7n) / 8n), below(2) === 0 ? below(16) : 4080 + below(32), kind === 1)
  const unused = Number(npages % 8n) === 0 ? 0 : (0xff << Number(npages % 8n)) & 0xff & below(256)
  bytes[bytes.length - 1]! |= unused
  const model = new Model(given.iova, given.last, pageSize)
  if (kind === 1) return { bitmap: new SharedIovaBitmap({ ...given, buffer: bytes }), model, bytes, source: undefined, isIntact, unused }
  if (kind !== 2) return { bitmap: new IovaBitmap({ ...given, buffer: bytes }), model, bytes, source: undefined, isIntact, unused }
  const source = new TestSource(bytes)
  source.pinBytesMax = 1 + below(40)
  source.failure = below(2) === 0 ? 'throws' : 'empty'
  const windowBytesMax = 1 + below(below(2) === 0 ? 5 : 100)
  return { bitmap: new IovaBitmap({ ...given, source, windowBytesMax, dataOffset: below(4096) }), model, bytes, source, isIntact, unused }
}

/** A range that overlaps, touches, sticks out of or misses the covered one; often page aligned. */
function makeRange(below: Below, { iova, pageSize, pages }: Model): [bigint, bigint] {
  let at = iova + BigInt(below(pages.length + 4) - 2) * pageSize
  if (below(2) === 0) at += BigInt(below(5) - 2)
  if (below(30) === 0) at = [0n, MAX, iova - 1n, MAX - BigInt(below(100))][below(4)]!
  if (at < 0n) at = 0n
  if (at > MAX) at = MAX
  let length = BigInt(below(below(4) === 0 ? pages.length + 4 : 40)) * pageSize
  if (below(3) === 0) length += BigInt(below(5) - 2)
  if (below(40) === 0) length = [MAX, 1n << 64n, 0n, 1n][below(4)]!
  if (length < 0n) length = 0n
  if (length > MAX + 1n) length = MAX + 1n
  return [at, length]
}

function checkContent(subject: Subject): void {
  const { bytes, model, unused } = subject
  const { pages } = model
  const nbytes = bytes.length
  for (let byte = 0; byte < nbytes; byte++) {
    let want = byte === nbytes - 1 ? unused : 0
    for (let bit = 0; bit < 8; bit++) if (pages[byte * 8 + bit] === 1) want |= 1 << bit
    if (bytes[byte] !== want) throw new Error(`byte ${byte} is ${bytes[byte]}, not ${want}`)
  }
}

function same(got: unknown, want: unknown, what: string): void {
  if (got !== want) throw new Error(`${what}: got ${String(got)}, want ${String(want)}`)
}

function indexes(cursor: DirtyRanges, limit: number): number[] {
  const list: number[] = []
  for (; !cursor.done && list.length < limit; cursor.next()) list.push(cursor.index, cursor.lastIndex)
  return list
}

function setSomehow(below: Below, bitmap: IovaBitmap, iova: bigint, length: bigint): number {
  const way = below(4)
  if (way === 0 && length < 1n << 53n) return bitmap.setAt(Number(iova >> 32n), Number(iova & 0xffff_ffffn), Number(length))
  const at = iova < 1n << 53n && below(2) === 0 ? Number(iova) : iova
  return bitmap.set(at, length < 1n << 53n && below(2) === 0 ? Number(length) : length)
}

const STEPS: ((below: Below, subject: Subject, other: Subject) => void)[] = [
  function set(below, { bitmap, model }) {
    const [iova, length] = makeRange(below, model)
    const [first, end] = model.outward(iova, length)
    same(setSomehow(below, bitmap, iova, length), end - first, 'set')
    model.pages.fill(1, first, end)
  },
  function clear(below, { bitmap, model }) {
    const [iova, length] = makeRange(below, model)
    const outward = below(2) === 0
    const [first, end] = outward ? model.outward(iova, length) : model.inward(iova, length)
    same(bitmap.clear(iova, length, { outward }), end - first, 'clear')
    model.pages.fill(0, first, end)
  },
  function ask(below, { bitmap, model }) {
    const [iova, length] = makeRange(below, model)
    const [first, end] = model.outward(iova, length)
    const count = model.count(first, end)
    same(bitmap.count(iova, length), count, 'count')
    same(bitmap.testRange(iova, length, 'any'), count > 0, 'any')
    const isCovered = end > first && iova >= model.iova && iova + length - 1n <= model.last
    same(bitmap.testRange(iova, length, 'all'), isCovered && count === end - first, 'all')
    const [page, behind] = model.outward(iova, 1n)
    same(bitmap.test(iova), page !== behind && model.pages[page] === 1, 'test')
    same(bitmap.count(), model.count(0, model.pages.length), 'count of all')
  },
  function list(below, { bitmap, model }) {
    const [iova, length] = makeRange(below, model)
    const all = below(3) === 0
    const [first, end] = all ? [0, model.pages.length] : model.outward(iova, length)
    same(
      indexes(all ? bitmap.peek() : bitmap.ranges(iova, length), Number.POSITIVE_INFINITY).join(),
      model.runs(first, end).join(),
      'ranges',
    )
  },
  function harvest(below, { bitmap, model }) {
    const [iova, length] = makeRange(below, model)
    const all = below(3) === 0
    const [first, end] = all ? [0, model.pages.length] : model.outward(iova, length)
    const cursor = all ? bitmap.harvest() : bitmap.harvest(iova, length)
    const limit = below(4) === 0 ? 2 * below(4) : Number.POSITIVE_INFINITY
    const runs = model.runs(first, end)
    const seen = indexes(cursor, limit)
    const taken = cursor.done ? runs.length : seen.length + 2
    if (!cursor.done) same(cursor.index, runs[seen.length], 'the run that the harvest stands on')
    cursor.close()
    same(seen.join(), runs.slice(0, seen.length).join(), 'harvest')
    if (limit === Number.POSITIVE_INFINITY) same(seen.length, runs.length, 'harvest of all')
    for (let at = 0; at < taken; at += 2) model.pages.fill(0, runs[at]!, runs[at + 1]! + 1)
  },
  function batch(below, { bitmap, model, source }) {
    const ranges = Array.from({ length: below(6) }, () => makeRange(below, model)).map(([iova, length]) => ({ iova, length }))
    const mark = new Uint8Array(model.pages.length)
    for (const { iova, length } of ranges) mark.fill(1, ...model.outward(iova, length))
    const before = source?.calls.length ?? 0
    same(
      bitmap.setBatch(ranges),
      mark.reduce((sum, bit) => sum + bit, 0),
      'setBatch',
    )
    const starts = source?.calls.slice(before).map((call) => call.byteOffset) ?? []
    for (let at = 1; at < starts.length; at++) if (starts[at]! <= starts[at - 1]!) throw new Error(`setBatch pinned ${starts.join()}`)
    for (let page = 0; page < mark.length; page++) if (mark[page] === 1) model.pages[page] = 1
  },
  function combine(_below, { bitmap, model }, { bitmap: from, model: fromModel }) {
    same(bitmap.equals(from), model.addresses() === fromModel.addresses(), 'equals')
    bitmap.or(from)
    const runs = fromModel.runs(0, fromModel.pages.length)
    for (let at = 0; at < runs.length; at += 2) {
      const first = fromModel.iova + BigInt(runs[at]!) * fromModel.pageSize
      const end = fromModel.iova + BigInt(runs[at + 1]! + 1) * fromModel.pageSize - 1n
      model.pages.fill(1, ...model.outward(first, least(end, fromModel.last) - first + 1n))
    }
    same(from.count(), fromModel.count(0, fromModel.pages.length), 'count of the other')
  },
  function subtract(_below, { bitmap, model }, { bitmap: from, model: fromModel }) {
    bitmap.andNot(from)
    const isGrid = model.iova === fromModel.iova && model.pageSize === fromModel.pageSize
    const runs = fromModel.runs(0, fromModel.pages.length)
    for (let at = 0; at < runs.length; at += 2) {
      const first = fromModel.iova + BigInt(runs[at]!) * fromModel.pageSize
      const end = fromModel.iova + BigInt(runs[at + 1]! + 1) * fromModel.pageSize - 1n
      if (isGrid) model.pages.fill(0, runs[at]!, runs[at + 1]! + 1)
      else model.pages.fill(0, ...model.inward(first, least(end, fromModel.last) - first + 1n))
    }
  },
  function windows(below, { bitmap, model }) {
    let next = model.iova
    bitmap.forEachWindow((_bitmap, iova, length) => {
      same(iova, next, 'window')
      next = iova + length
      if (below(3) === 0) {
        const [at, n] = makeRange(below, model)
        bitmap.record(at, n)
        model.pages.fill(1, ...model.outward(at, n))
      }
      return undefined
    })
    same(next, model.last + 1n, 'end of the windows')
  },
]

/** A set that meets a failing pin: what it says it did is what was done, and the same call again does the rest. */
function setWithFailure(below: Below, { bitmap, model, source }: Subject): void {
  if (source === undefined) return
  const [iova, length] = makeRange(below, model)
  const [first, end] = model.outward(iova, length)
  source.failNext(1 + below(3))
  try {
    bitmap.set(iova, length)
  } catch (error) {
    if (!(error instanceof IovaBitmapError)) throw error
    same(source.pinned, 0, 'pinned after a failure')
    model.pages.fill(1, first, first + error.done)
    same(bitmap.count(iova, length), model.count(first, end), 'count after a failure')
  }
  source.failNext(0)
  same(bitmap.set(iova, length), end - first, 'set again')
  model.pages.fill(1, first, end)
}

it.each(Array.from({ length: PARTS }, (_, part) => part))(`part %i of ${PARTS} of ${OPS} random operations, seed ${SEED}`, (part) => {
  const ops = Math.ceil(OPS / PARTS)
  let done = 0
  for (let round = part * Math.ceil(ops / OPS_A_ROUND); done < ops; round++) {
    const below = seeded(Math.imul(SEED, 0x9e3779b1) + round * 0x85ebca6b + 1)
    const subject = makeSubject(below)
    const other = makeSubject(below, subject)
    for (let op = 0; op < OPS_A_ROUND && done < ops; op++, done++) {
      const [a, b] = below(4) === 0 ? [other, subject] : [subject, other]
      const step = below(20) === 0 ? setWithFailure : STEPS[below(STEPS.length)]!
      try {
        step(below, a, b)
        checkContent(a)
        checkInvariants(a.bitmap)
      } catch (error) {
        throw new Error(`FUZZ_SEED=${SEED} round ${round} op ${op} ${step.name}: ${(error as Error).message}`, { cause: error })
      }
    }
    for (const { bitmap, source, isIntact } of [subject, other]) {
      bitmap.free()
      same(isIntact(), true, `FUZZ_SEED=${SEED} round ${round}: bytes around the bitmap`)
      same(source?.pinned ?? 0, 0, `FUZZ_SEED=${SEED} round ${round}: pins left`)
      same(source?.dirtyUnpins.length, source?.calls.length, `FUZZ_SEED=${SEED} round ${round}: unpins`)
    }
  }
  expect(done).toBe(ops)
})
