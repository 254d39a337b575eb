/** Of CRC-32 (ISO 3309) with its bits reversed, without the highest. */
const POLYNOMIAL = 0xEDB8_8320
/** The polynomials 1 and x⁸, bits reversed: the highest bit is x⁰. */
const ONE = 0x8000_0000
const X8 = 0x0080_0000

/**
 * The CRC-32 of two pieces behind one another, from those of the pieces (unsigned, as `zlib.crc32` gives them) and the second's length in bytes:
 * crc(a ‖ b) = crc(a) · x^(8·|b|) + crc(b), modulo the polynomial (as `crc32_combine` of zlib).
 */
export function combineCrc32(first: number, second: number, secondBytes: number): number {
  let factor = ONE
  for (let square = X8, rest = secondBytes; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) factor = multiply(square, factor)
    square = multiply(square, square)
  }
  return (multiply(factor, first) ^ second) >>> 0
}

/** Modulo the polynomial. */
function multiply(a: number, b: number): number {
  let product = 0
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if (a & bit) product ^= b
    b = b & 1
      ? (b >>> 1) ^ POLYNOMIAL
      : b >>> 1
  }
  return product >>> 0
}
