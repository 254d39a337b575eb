import process from 'node:process'

/** Sides take turns, round by round, so that a busy moment of the machine hurts all of them. */
export const ROUNDS = 3
export const MIB = 2 ** 20

export interface Side { name: string, work: () => Promise<unknown> }
/** How fast each side was, round by round; the last side is what the others are compared with. */
export interface Row { what: string, unit: string, sides: { name: string, speeds: number[] }[] }

/** @param amount what one round moves, in `unit` × seconds: megabytes for MB/s, files for files/s */
export async function compare(what: string, amount: number, unit: string, sides: Side[], rounds = ROUNDS): Promise<Row> {
  const row: Row = {
    what,
    unit,
    sides: sides.map(({ name }) => ({ name, speeds: [] })),
  }
  for (let round = 0; round < rounds; round++) {
    for (const [index, { work }] of sides.entries()) {
      const start = performance.now()
      await work()
      row.sides[index]!.speeds.push(amount / ((performance.now() - start) / 1000))
    }
  }
  process.stdout.write(`${formatRow(row)}\n`)
  return row
}

export const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

const span = (values: number[]) => (values.length === 1
  ? `${Math.round(values[0]!)}`
  : `${Math.round(median(values))} (${Math.round(Math.min(...values))}–${Math.round(Math.max(...values))})`)

export function formatRow({ what, unit, sides }: Row): string {
  const yardstick = median(sides.at(-1)!.speeds)
  const cells = sides.map(({ speeds }, index) => (index === sides.length - 1
    ? span(speeds)
    : `${span(speeds)} = **${(median(speeds) / yardstick).toFixed(2)}**`))
  return `| ${what}, ${unit} | ${cells.join(' | ')} |`
}

export function formatHead(names: string[]): string {
  return `| what | ${names.join(' | ')} |\n|${'---|'.repeat(names.length + 1)}`
}

export async function inParallel(limit: number, count: number, work: (n: number) => Promise<unknown>): Promise<void> {
  const numbers = Array.from({ length: count }, (_, index) => index + 1).values()
  await Promise.all(Array.from({ length: limit }, async () => { for (const n of numbers) await work(n) }))
}
