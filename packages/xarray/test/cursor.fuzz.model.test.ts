// Differential fuzz (kind 3) of one cursor over many calls, while the array also changes by other ways, against a naive cursor. FUZZ_SEED chooses the run.
import type { XaCursor64 } from '@iommukit/xarray'
import { checkInvariants } from '@iommukit/xarray/check'
import { describe, it } from 'vitest'
import { compareAll, isSame, makeSubject, show, step } from './calls.ts'
import { NaiveCursor } from './naive-cursor.ts'
import { KEYS, KINDS, NaiveArray, seeded, VALUES } from './oracle.ts'
import { type Below, isTooMuch, makeOp, makePlace } from './random-calls.ts'

const SEED = Number(process.env.FUZZ_SEED ?? 1)
const CALLS = 400

/** A call on the cursor and on the naive one, which are to give the same. */
type Call = [name: string, real: (cursor: XaCursor64<unknown>) => unknown, naive: (cursor: NaiveCursor) => unknown]

function conflictsOf(cursor: XaCursor64<unknown>): unknown[] {
  const seen: unknown[] = []
  for (let entry = cursor.findConflict(); entry !== undefined; entry = cursor.findConflict()) seen.push(entry)
  return seen
}

function aiming(below: Below, at: bigint, key: (i: bigint) => bigint, maxOrder: number): Call {
  const order = below(8) === 0 ? below(maxOrder + 1) : below(11)
  switch (below(8)) {
    case 0:
      return ['reset', (cursor) => cursor.reset(), (cursor) => cursor.reset()]
    case 1: {
      const code = below(3) === 0 ? 'EIO' : undefined
      return [`error = ${code}`, (cursor) => void (cursor.error = code), (cursor) => void (cursor.error = code)]
    }
    case 2:
    case 3:
      return ['pause', (cursor) => cursor.pause(), (cursor) => cursor.pause()]
    case 4:
      return [`setOrder ${at} ${order}`, (cursor) => cursor.setOrder(key(at), order), (cursor) => cursor.set(at, order)]
    default:
      return [`set ${at}`, (cursor) => cursor.set(key(at)), (cursor) => cursor.set(at)]
  }
}

function marking(below: Below, mark: 0 | 1 | 2): Call {
  switch (below(4)) {
    case 0:
      return ['getMark', (cursor) => cursor.getMark(mark), (cursor) => cursor.getMark(mark)]
    case 1:
      return ['clearMark', (cursor) => cursor.clearMark(mark), (cursor) => cursor.changeMark(mark, false)]
    case 2:
      return [
        'initMarks',
        (cursor) => cursor.initMarks(),
        (cursor) => {
          for (const each of [0, 1, 2]) cursor.changeMark(each, false)
        },
      ]
    default:
      return ['setMark', (cursor) => cursor.setMark(mark), (cursor) => cursor.changeMark(mark, true)]
  }
}

function moving(below: Below, max: bigint | undefined, mark: 0 | 1 | 2, key: (i: bigint) => bigint): Call {
  const bound = max === undefined ? undefined : key(max)
  const value = below(3) === 0 ? undefined : VALUES[below(VALUES.length)]
  switch (below(12)) {
    case 0:
      return ['load', (cursor) => cursor.load(), (cursor) => cursor.load()]
    case 1:
      return ['prev', (cursor) => cursor.prev(), (cursor) => cursor.move(-1n)]
    case 2:
      return ['getOrder', (cursor) => cursor.getOrder(), (cursor) => cursor.getOrder()]
    case 3:
      return [`findMarked ${max} ${mark}`, (cursor) => cursor.findMarked(bound, mark), (cursor) => cursor.find(max, mark)]
    case 4:
    case 5:
      return [`store ${show(value)}`, (cursor) => cursor.store(value), (cursor) => cursor.store(value)]
    case 6:
    case 7:
    case 8:
      return ['next', (cursor) => cursor.next(), (cursor) => cursor.move(1n)]
    default:
      return [`find ${max}`, (cursor) => cursor.find(bound), (cursor) => cursor.find(max)]
  }
}

describe.each(KINDS)('%s', (kind) => {
  it.each(KEYS.flatMap((keys) => Array.from({ length: 12 }, (_, round) => [keys, round] as const)))(
    `%i bits, round %i, agrees with the naive cursor (FUZZ_SEED=${SEED})`,
    (keys, round) => {
      const below = seeded(SEED * 104_729 + round)
      const subject = makeSubject(kind, keys)
      const model = new NaiveArray(kind, keys)
      const place = makePlace(below, keys)
      const base = place()
      const real = subject.cursor(0n)
      const naive = new NaiveCursor(model)
      const trace: string[] = []
      // Every second round begins with dense leaves, most of them without multi-index entries, which would switch the short ways off.
      const flavour = Number(round % 4 === 3)
      if (round % 2 === 1)
        for (let i = 0n; i < 600n && base + i <= model.max; i++) if (below(12) > 0) step(subject, model, { do: 'store', i: base + i, v: 7 })
      const near = (): bigint => {
        const at = (round % 2 === 1 ? base : naive.index) + BigInt(below(600))
        return below(3) === 0 || at > model.max ? place() : at
      }
      try {
        for (let n = 0; n < CALLS; n++) {
          const mark = (kind === 'plain' ? below(3) : 1 + below(2)) as 0 | 1 | 2
          const roll = below(20)
          if (roll === 0) {
            const op = makeOp(below, near, kind, keys, flavour)
            if (isTooMuch(model, op)) continue
            trace.push(show(op))
            step(subject, model, op)
            continue
          }
          const [name, onReal, onNaive] =
            roll < 4
              ? aiming(below, near(), subject.key, flavour === 0 ? 0 : keys - 1)
              : roll < 6
                ? marking(below, mark)
                : moving(below, below(3) === 0 ? undefined : near(), mark, subject.key)
          trace.push(`${name} at ${naive.index}`)
          const got = [onReal(real), BigInt(real.index), real.error]
          const want = [onNaive(naive), naive.index, naive.error]
          if (!isSame(got, want)) throw new Error(`the cursor gave ${show(got)}, the naive one ${show(want)}`)
          if (naive.index % (1n << BigInt(naive.order)) === 0n && !isSame(conflictsOf(real), naive.conflicts()))
            throw new Error('conflicts')
          if (n % 50 === 49) checkInvariants(subject.array)
        }
        compareAll(subject, model)
      } catch (error) {
        throw new Error(`call ${trace.length}: ${(error as Error).message}\n${trace.slice(-12).join('\n')}`, { cause: error })
      }
    },
  )
})
