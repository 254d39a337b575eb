import type { AuditEvent, ExportFormat } from './audit.schemas.ts'
import { Readable } from 'node:stream'

export const mediaTypes: Record<ExportFormat, string> = {
  csv: 'text/csv; charset=utf-8; header=present',
  jsonl: 'application/jsonl; charset=utf-8',
}

const columns: [name: string, valueOf: (event: AuditEvent) => string | number | null][] = [
  [
    'number',
    event => event.seq,
  ],
  [
    'time',
    event => event.at,
  ],
  [
    'action',
    event => event.action,
  ],
  [
    'outcome',
    event => event.outcome,
  ],
  [
    'actor kind',
    event => event.actor.kind,
  ],
  [
    'actor id',
    event => event.actor.id,
  ],
  [
    'actor',
    event => event.actor.name,
  ],
  [
    'subject kind',
    event => event.subject.kind,
  ],
  [
    'subject id',
    event => event.subject.id,
  ],
  [
    'subject',
    event => event.subject.name,
  ],
  [
    'via',
    event => event.origin.via,
  ],
  [
    'ip address',
    event => event.origin.ip,
  ],
  [
    'user agent',
    event => event.origin.userAgent,
  ],
  [
    'details',
    event => JSON.stringify(event.details),
  ],
  [
    'erased',
    event => event.erased.join(' '),
  ],
  [
    'hash',
    event => event.hash,
  ],
]

/**
 * Spreadsheets run what begins so, also in the wide forms that some of them fold (OWASP, CSV injection). A cell begins behind their own separator too:
 * where that is `;`, a line of this file is one cell up to the first one, and the quotes in it mean nothing.
 */
const FORMULA = /(^|[;\t|]\s*)(?=[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20])/g

/** RFC 4180, every cell quoted. Before what a spreadsheet could take for a formula stands an apostrophe, so that it stays text. */
export function csvCell(value: string | number | null): string {
  if (typeof value === 'number') return String(value)
  return `"${(value ?? '').replaceAll(FORMULA, `$1'`).replaceAll('"', '""')}"`
}

/** The byte order mark tells spreadsheets that a CSV is UTF-8. */
export const csvHead = (names: readonly string[]) => `\uFEFF${csvLine(names)}`

export const csvLine = (cells: readonly (string | number | null)[]) => `${cells.map(csvCell).join(',')}\r\n`

/** The file, read no faster than it is taken; destroyed, it reads no further. */
export const exportStream = (pages: AsyncIterable<readonly AuditEvent[]>, format: ExportFormat): Readable => Readable.from(exportText(pages, format), { objectMode: false })

/** The file as text, a page of events at a time. */
async function* exportText(pages: AsyncIterable<readonly AuditEvent[]>, format: ExportFormat): AsyncGenerator<string> {
  if (format === 'csv') yield csvHead(columns.map(([name]) => name))
  for await (const events of pages) {
    yield events.map(event => format === 'csv'
      ? csvLine(columns.map(([, valueOf]) => valueOf(event)))
      : `${JSON.stringify(event)}\n`).join('')
  }
}
