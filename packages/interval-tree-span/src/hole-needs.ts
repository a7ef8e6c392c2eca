import { isBefore, showKey } from './keys.ts'

/** What must be in a hole. Lengths and positions in the parts of a key (layout.ts). */
export interface HoleNeeds {
  readonly lengthKey: number
  readonly lengthTie: number
  /** alignment - 1; the alignment is a power of two. */
  readonly maskKey: number
  readonly maskTie: number
  readonly phaseKey: number
  readonly phaseTie: number
}

/** Checks a length, an alignment and a phase that are keys; `tieMax` says of which tree. */
export function needsOf(
  tieMax: number,
  lengthKey: number,
  lengthTie: number,
  alignmentKey: number,
  alignmentTie: number,
  phaseKey: number,
  phaseTie: number,
): HoleNeeds {
  if (lengthKey === 0 && lengthTie === 0) throw new RangeError('length must be at least 1')
  // A power of two has one bit, in one of its parts.
  if (alignmentKey * alignmentTie !== 0 || !isPowerOfTwo(alignmentKey + alignmentTie))
    throw new RangeError(`alignment ${showKey(tieMax, alignmentKey, alignmentTie)} is not a power of two`)
  const maskKey = alignmentTie === 0 ? alignmentKey - 1 : 0
  const maskTie = alignmentTie === 0 ? tieMax : alignmentTie - 1
  if (isBefore(maskKey, maskTie, phaseKey, phaseTie)) {
    throw new RangeError(`phase ${showKey(tieMax, phaseKey, phaseTie)} is outside 0 .. ${showKey(tieMax, alignmentKey, alignmentTie)} - 1`)
  }
  return { lengthKey, lengthTie, maskKey, maskTie, phaseKey, phaseTie }
}

function isPowerOfTwo(value: number): boolean {
  let power = 1
  while (power < value) power *= 2
  return power === value
}
