/** Two bitmaps side by side: whole bytes, in words where both lie alike in memory, and the bits of a last byte. */

type Elements = Uint8Array | Int32Array

/** Works on `n` elements from the beginning of both; false stops. */
export type PairWork = (a: Elements, b: Elements, n: number) => boolean

export function orInto(a: Elements, b: Elements, n: number): boolean {
  for (let i = 0; i < n; i++) a[i] = a[i]! | b[i]!
  return true
}

export function andNotInto(a: Elements, b: Elements, n: number): boolean {
  for (let i = 0; i < n; i++) a[i] = a[i]! & ~b[i]!
  return true
}

export function isSame(a: Elements, b: Elements, n: number): boolean {
  for (let i = 0; i < n; i++) if (a[i] !== b[i]) return false
  return true
}

/** Bits of the last byte behind the first `nbits` keep their value in `a`, and are not looked at in `b`. */
export function eachAligned(a: Uint8Array, b: Uint8Array, nbits: number, write: boolean, work: PairWork): boolean {
  const nbytes = Math.floor(nbits / 8)
  const head = Math.min(-a.byteOffset & 3, nbytes)
  const nwords = ((a.byteOffset ^ b.byteOffset) & 3) === 0 ? Math.floor((nbytes - head) / 4) : 0
  if (nwords > 0) {
    if (!work(a, b, head)) return false
    const from = head + nwords * 4
    if (!work(wordsOf(a, head, nwords), wordsOf(b, head, nwords), nwords)) return false
    if (!work(a.subarray(from), b.subarray(from), nbytes - from)) return false
  } else if (!work(a, b, nbytes)) return false
  const rest = nbits % 8
  if (rest === 0) return true
  const mask = 0xff >>> (8 - rest)
  const kept = write ? 0 : a[nbytes]! & ~mask
  return work(a.subarray(nbytes), Uint8Array.of(kept | (b[nbytes]! & mask)), 1)
}

function wordsOf(bytes: Uint8Array, from: number, nwords: number): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset + from, nwords)
}
