/** The generators and the checksum that performance.md section 1 defines. All numbers but those of `hs` are u32. */

/** xorshift32: the state is the result; each call steps first. */
export function xorshift32(seed: number): () => number {
  let x = seed >>> 0
  return () => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    x >>>= 0
    return x
  }
}

/** The identity 0..n-1, shuffled: for i = n-1 down to 1 swap a[i] with a[rnd() % (i+1)]. */
export function shuffled(n: number, seed: number): Uint32Array {
  const order = new Uint32Array(n)
  for (let i = 0; i < n; i++) order[i] = i
  const rnd = xorshift32(seed)
  for (let i = n - 1; i > 0; i--) {
    const j = rnd() % (i + 1)
    const kept = order[i]!
    order[i] = order[j]!
    order[j] = kept
  }
  return order
}

/** One step of the checksum HS, from h = 0: the bits of the u32 as a signed word, since to V8 an unsigned one above 2^31 - 1 may be an object. */
export function hs(h: number, x: number): number {
  const t = Math.imul(h ^ x, 0x9e3779b1)
  return t ^ (t >>> 15)
}

/**
 * A sum modulo 2^32 and one number more, as a signed word. The number is made a word before it is added: else the sum becomes a double and a word again
 * in each turn of a loop, and each waits for the one before (4.4 -> 3.5 ns a turn).
 */
export function addWord(sum: number, x: number): number {
  return (sum + (x | 0)) | 0
}
