import type { BitRange } from './recording.ts'

/** Sets the bits of `ranges` in `bytes`, bit 0 being the lowest of byte 0. Bits behind the end are left out. */
export function setBits(bytes: Uint8Array, ranges: readonly BitRange[]): void {
  const nbits = bytes.length * 8
  for (const [first, last] of ranges) {
    for (let bit = first; bit <= last && bit < nbits; bit++) bytes[bit >>> 3]! |= 1 << (bit & 7)
  }
}

/** The maximal ranges of bits set in `bytes`, ascending. O(bytes + ranges). */
export function bitRanges(bytes: Uint8Array): BitRange[] {
  const ranges: BitRange[] = []
  let first = -1
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!
    if (byte === (first < 0 ? 0 : 0xff)) continue
    for (let k = 0; k < 8; k++) {
      const isSet = ((byte >>> k) & 1) === 1
      if (isSet === first >= 0) continue
      if (isSet) first = at * 8 + k
      else {
        ranges.push([first, at * 8 + k - 1])
        first = -1
      }
    }
  }
  if (first >= 0) ranges.push([first, bytes.length * 8 - 1])
  return ranges
}
