/** What differs between what a fact said and what it says now. Of a block, its lines that differ; of rows of a table with the same beginning, their cells that do. */
export function changedWords(then: string, now: string): { then: string, now: string } {
  if (!then.includes('\n') && !now.includes('\n')) return { then, now }
  const [before, after] = [
    rowsOf(then),
    rowsOf(now),
  ]
  return {
    then: rowsThatDiffer(before, after),
    now: rowsThatDiffer(after, before),
  }
}

/** One line that says what became of a fact, for the summary of a version: “Trash: 30 days → 17 days”. */
export function changeInWords(label: string, { then, now }: { then: string, now: string | null }): string {
  const [before, after] = [
    plain(then),
    plain(now ?? ''),
  ]
  const named = /^[^:]{1,80}: /.exec(before)?.[0]
  // Rows of a table bring their own name.
  if (named !== undefined && after.startsWith(named)) return `${before} → ${after.slice(named.length)}`
  return before === '' || after === ''
    ? `${label}: ${after || before}`
    : `${label}: ${before} → ${after}`
}

type Row = readonly string[]

/** Cells of tables, or whole lines; not what is between a table's head and its body. */
function rowsOf(text: string): Row[] {
  return text.split('\n').map(line => line.trim()).filter(line => line !== '' && !/^[\s:|-]+$/.test(line)).map(line => line.startsWith('|')
    ? line.replace(/^\|/, '').replace(/\|$/, '').split(/(?<!\\)\|/).map(cell => cell.trim())
    : [
        line.replace(/^[-*] /, ''),
      ])
}

function rowsThatDiffer(rows: readonly Row[], others: readonly Row[]): string {
  const same = new Set(others.map(row => row.join('|')))
  const byFirst = new Map(others.map(row => [row[0], row]))
  return rows.filter(row => !same.has(row.join('|'))).map((row) => {
    const [first, ...rest] = row
    const other = byFirst.get(first)
    const differing = rest.filter((cell, index) => cell !== '' && cell !== other?.[index + 1])
    return differing.length === 0
      ? first
      : `${first}: ${differing.join(', ')}`
  }).join('; ')
}

/** Without what Markdown needs to show it literally. */
const plain = (markdown: string) => markdown
  .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
  .replaceAll(/<(https?:[^>]*)>/g, '$1')
  .replaceAll(/\\([\\`*_[\]<>#|~])/g, '$1')
  .replaceAll(/[`*]/g, '')
  .replaceAll(/\s+/g, ' ')
  .trim()
