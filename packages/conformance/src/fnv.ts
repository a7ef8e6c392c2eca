const offsetHi = 0xcbf29ce4
const offsetLo = 0x84222325
const primeLo = 0x1b3

/**
 * FNV-1a, 64 bits, over `bytes`. O(bytes), in two 32-bit halves: the prime is 2^40 + 0x1b3, so a product needs one multiplication a half
 * and a shift, and no bigint is made before the end.
 */
export function fnv1a64(bytes: Uint8Array): bigint {
  let hi = offsetHi
  let lo = offsetLo
  for (let k = 0; k < bytes.length; k++) {
    lo = (lo ^ bytes[k]!) >>> 0
    const product = lo * primeLo
    hi = (Math.imul(hi, primeLo) + (lo << 8) + Math.floor(product / 0x1_0000_0000)) >>> 0
    lo = product >>> 0
  }
  return (BigInt(hi) << 32n) | BigInt(lo)
}
