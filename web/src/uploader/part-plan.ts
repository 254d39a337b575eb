/** The bytes of part `n` (from 1): `[from, to)`. Every part but the last has `partSize` bytes. */
export function partRange(n: number, size: number, partSize: number): [from: number, to: number] {
  return [
    (n - 1) * partSize,
    Math.min(size, n * partSize),
  ]
}

/** What the server has not got, in order. A part whose size is not what the plan says counts as missing. */
export function missingParts(plan: { size: number, partSize: number, partCount: number }, received: { n: number, size: number }[]): number[] {
  const sizes = new Map(received.map(part => [part.n, part.size]))
  const missing: number[] = []
  for (let n = 1; n <= plan.partCount; n++) {
    const [from, to] = partRange(n, plan.size, plan.partSize)
    if (sizes.get(n) !== to - from) missing.push(n)
  }
  return missing
}
