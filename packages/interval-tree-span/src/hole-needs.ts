import { isBefore, joinKey } from './keys.ts'

/** What must be in a hole. Lengths and positions in the parts of a key (layout.ts). */
export interface HoleNeeds {
  readonly lengthKey: number
  readonly lengthTie: number
  /** A power of two, so without a tie. */
  readonly alignmentKey: number
  readonly phaseKey: number
  readonly phaseTie: number
}

function isPowerOfTwo(value: number): boolean {
  let power = 1
  while (power < value) power *= 2
  return power === value
}

/** Checks a length, an alignment and a phase that are keys. */
export function needsOf(
  lengthKey: number,
  lengthTie: number,
  alignmentKey: number,
  alignmentTie: number,
  phaseKey: number,
  phaseTie: number,
): HoleNeeds {
  if (lengthKey === 0) throw new RangeError('length must be at least 1')
  if (alignmentTie !== 0 || !isPowerOfTwo(alignmentKey))
    throw new RangeError(`alignment ${joinKey(alignmentKey, alignmentTie)} is not a power of two`)
  if (!isBefore(phaseKey, phaseTie, alignmentKey, 0)) {
    throw new RangeError(`phase ${joinKey(phaseKey, phaseTie)} is outside 0 .. ${joinKey(alignmentKey, 0)} - 1`)
  }
  return { lengthKey, lengthTie, alignmentKey, phaseKey, phaseTie }
}
