const offsetHi = 0xcbf29ce4 | 0
const offsetLo = 0x84222325 | 0
const primeLo = 0x1b3

/**
 * FNV-1a, 64 bits, over `bytes`. O(bytes), in two int32 halves: the prime is 2^40 + 0x1b3, so a product needs one multiplication a half and a
 * shift, and the high half of `lo * 0x1b3` comes from its two 16-bit parts without leaving int32. No bigint is made before the end.
 */
export function fnv1a64(bytes: Uint8Array): bigint {
  let hi = offsetHi
  let lo = offsetLo
  for (let k = 0; k < bytes.length; k++) {
    lo ^= bytes[k]!
    const carry = ((lo >>> 16) * primeLo + (((lo & 0xffff) * primeLo) >>> 16)) >>> 16
    hi = (Math.imul(hi, primeLo) + (lo << 8) + carry) | 0
    lo = Math.imul(lo, primeLo)
  }
  return (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0)
}
